"""What a cell says in our words: the response, mapped by the project, and the channel."""

from __future__ import annotations

import re

from reengage.app.imports.sheet import Row, Unusable
from reengage.app.project import FILE, Project
from reengage.language.diagnostic import quoted
from reengage.model.words import Channel, Response

_CHANNELS = {"call": "phone", "telephone": "phone", "mail": "email", "e_mail": "email", "text": "sms", "letter": "post"}


def read_response(row: Row, column: str, project: Project) -> Response | None:
    """The response in a cell, as the project maps it or in our own word; raises Unusable for another one."""
    text = row.get(column)
    if text is None:
        return None
    word = project.responses.get(text.strip().casefold()) or _as_word(text)
    if word not in tuple(Response):
        raise Unusable(
            f"{column} {quoted(text)} is not known; "
            f'map it in {FILE} under [import.responses]: {quoted(text)} = "not_now"'
        )
    return Response(word)


def read_channel(row: Row, column: str) -> Channel | None:
    """The channel in a cell, also by some other names; raises Unusable for an unknown one."""
    text = row.get(column)
    if text is None:
        return None
    word = _as_word(text)
    word = _CHANNELS.get(word, word)
    if word not in tuple(Channel):
        raise Unusable(f"{column} {quoted(text)} is not one of {', '.join(Channel)}")
    return Channel(word)


def _as_word(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().casefold())
