"""A row of a table of answers as a reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reengage.app.imports.headings import IGNORE
from reengage.app.imports.presets.preset import plain
from reengage.app.imports.sheet import LONGEST_ID, Row, Unusable, read_day, read_moment
from reengage.app.imports.words import read_channel, read_response
from reengage.app.project import FILE, Project
from reengage.intake.flags import looks_like_stop
from reengage.language.diagnostic import quoted
from reengage.model.reading import Clues
from reengage.model.reply import Reply
from reengage.model.words import Channel

NAMES = ("who", "contact_id", "email", "phone")
"""Columns that name the person; all that are filled count."""

_TEXTS = ("subject", "topic", "title", "campaign", "script_variant", "notes", "recording_url")
_COLUMNS = frozenset(
    (
        *(*NAMES, *_TEXTS, "at", "words", "id", "channel", "rep", "said"),
        *("call_back_on", "vendor", "contract_ends", "referred_to", "wake_on"),
    )
)
_ALSO = {
    **dict.fromkeys(("their_words", "text", "body"), "words"),
    "rep_email": "rep",
    "response": "said",
    "conversation_id": "id",
    "message_id": "id",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever hands in a file says of all of it; a row or a message that says otherwise goes before."""

    project: Project
    channel: Channel | None = None
    rep: str | None = None
    campaign: str | None = None
    footers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Headings:
    """What the headings of a table mean: a column for each that we read, and those that we do not."""

    columns: Mapping[str, str]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, headings: Iterable[str], project: Project) -> Headings:
        """Own mappings of the project go before our names; raises Unusable for an unknown one that may be a stop."""
        own = {plain(heading): column for heading, column in project.columns.items()}
        meant = {heading: own.get(plain(heading), plain(heading)) for heading in headings if heading}
        columns = {heading: _ALSO.get(column, column) for heading, column in meant.items()}
        unread = tuple(heading for heading in meant if columns[heading] not in {*_COLUMNS, IGNORE})
        if stop := next(filter(looks_like_stop, unread), None):
            raise Unusable(
                f"{quoted(stop)} looks like an opt-out and is not read here; call it said if it holds answers, "
                f'else map it in {FILE} under [import.columns]: {quoted(stop)} = "ignore"'
            )
        return cls({heading: column for heading, column in columns.items() if column in _COLUMNS}, unread)

    def row(self, line: int, values: Mapping[str, Any], raw: str) -> Row:
        """The row under our names; of several columns of words all count, of others the first that is filled."""
        cells: dict[str, str] = {}
        for heading, column in self.columns.items():
            cell, before = _cell(heading, values.get(heading)), cells.get(column)
            if not before:
                cells[column] = cell
            elif cell and column == "words":
                cells[column] = f"{before}\n{cell}"
        return Row(line, cells, raw)


def _cell(heading: str, value: Any) -> str:
    """A value as a cell; raises Unusable for what is no text, number or list of texts."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ";".join(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()
    raise Unusable(f"{quoted(heading[:60])} is no text; write it in quotes")


def reply_of(row: Row, where: str, given: Given) -> Reply:
    """The answer that a row holds; raises Unusable saying what is missing or cannot be read."""
    named = [name for name in NAMES if row.get(name)]
    if not named:
        raise Unusable(f"names nobody; fill one of {', '.join(NAMES)}")
    at = read_moment(row, "at", given.project.settings.zone)
    if at is None:
        raise Unusable("at is empty; write when the answer came, for example 2026-10-01T09:00:00+02:00")
    if len(row.get("id") or "") > LONGEST_ID:
        raise Unusable(f"id is longer than {LONGEST_ID} characters")
    texts: dict[str, Any] = {name: row.get(name) for name in _TEXTS}
    return Reply(
        who=row.cells[named[0]],
        others=tuple(row.cells[name] for name in named[1:]),
        at=at,
        words=row.get("words") or "",
        id=row.get("id"),
        channel=read_channel(row, "channel") or given.channel,
        rep=row.get("rep") or given.rep,
        said=read_response(row, "said", given.project),
        clues=_clues(row),
        where=where,
        **texts | {"campaign": texts["campaign"] or given.campaign},
    )


def _clues(row: Row) -> Clues:
    return Clues(
        call_back_on=read_day(row, "call_back_on"),
        vendor=row.get("vendor"),
        contract_ends=read_day(row, "contract_ends"),
        referred_to=row.get("referred_to"),
        wake_on=tuple(word.strip() for word in (row.get("wake_on") or "").split(";") if word.strip()),
    )
