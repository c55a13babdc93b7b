"""Keeps secrets out of what is shown and logged."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from reengage.sources.secrets import HIDDEN, is_secret_key

_TALKATIVE = ("dlt", "urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
"""The loggers that are given addresses and headers, some of them as warnings."""

_PARAMETER = re.compile(r"([?&;])([^?&;=\s]+)=[^?&;\s\"'<>)]+")
_NOTHING = re.compile(r"(?!)")


class Hidden:
    """The secrets known so far; each is found in whatever spelling a URL or a header gives it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: set[str] = set()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Know some more."""
        self._secrets.update(filter(None, secrets))
        in_base64 = {b64encode(secret.encode()).decode() for secret in self._secrets}
        longest_first = sorted(self._secrets | in_base64, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_spelled, longest_first))) if longest_first else _NOTHING

    def hide(self, text: str) -> str:
        """The text without the secrets, and without the value of any parameter whose name is secret-like."""
        return _PARAMETER.sub(_without_value, self._pattern.sub(HIDDEN, text))

    def hide_in_url(self, url: str) -> str:
        """The same for a URL, which loses its user, password and fragment."""
        parts = urlsplit(self.hide(url))
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """While this lasts, what the HTTP libraries log is logged without the secrets."""
        hush, loggers = _Hush(self), [logging.getLogger(name) for name in _TALKATIVE]
        for logger in loggers:
            logger.addFilter(hush)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(hush)


class _Hush(logging.Filter):
    def __init__(self, hidden: Hidden) -> None:
        super().__init__()
        self._hidden = hidden

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the secrets out of a record; a traceback may hold them too and is left out."""
        record.msg, record.args = self._hidden.hide(record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


def _spelled(secret: str) -> str:
    """A pattern for a secret of which any letter may be percent-encoded, a blank as + too."""
    return "".join(map(_letter, secret))


def _letter(letter: str) -> str:
    encoded = "".join(f"%{byte:02x}" for byte in letter.encode())
    return f"(?:{re.escape(letter)}|(?i:{encoded}){r'|[+]' if letter == ' ' else ''})"


def _without_value(found: re.Match[str]) -> str:
    start, name = found[1], found[2]
    return f"{start}{name}={HIDDEN}" if is_secret_key(unquote_plus(name)) else found[0]
