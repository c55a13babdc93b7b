"""Keeps secrets out of what is shown and logged."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit, urlunsplit

from reengage.sources.secrets import HIDDEN, is_secret_key, redact

_TALKATIVE = ("dlt", "urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
"""The loggers that are given addresses and headers, some of them as warnings."""


def spellings(secret: str) -> frozenset[str]:
    """A secret as it may be met: plain, in a URL, in a form, in base64."""
    return frozenset({secret, quote(secret, safe=""), quote(secret), quote_plus(secret), _base64(secret)})


def hide_in_url(url: str, secrets: Collection[str]) -> str:
    """A URL without the secrets, without user and password, and without the value of any secret-like parameter."""
    parts = urlsplit(redact(url, secrets))
    query = "&".join(map(_shown, parts.query.split("&")))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query, fragment=""))


@contextmanager
def hushed(secrets: Collection[str]) -> Iterator[None]:
    """While this lasts, what the HTTP libraries log is logged without the secrets."""
    hush, loggers = _Hush(secrets), [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(hush)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hush)


class _Hush(logging.Filter):
    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the secrets out of a record; a traceback may hold them too and is left out."""
        record.msg, record.args = redact(record.getMessage(), self._secrets), ()
        record.exc_info = record.exc_text = None
        return True


def _shown(pair: str) -> str:
    key, equals, value = pair.partition("=")
    return f"{key}{equals}{HIDDEN if is_secret_key(unquote_plus(key)) else value}"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
