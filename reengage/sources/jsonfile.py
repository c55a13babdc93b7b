"""A file with one JSON object in each line, read strictly: nothing is guessed, nothing is overwritten."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, NoReturn

from reengage.sources.opening import Readable, opened
from reengage.sources.rows import Bad, NotASignal

LONGEST_LINE = 1 << 20
"""Bytes of a line; our choice: the largest vendor payload we know has a few thousand."""

DEEPEST = 32
"""Levels of nesting; our choice: vendor payloads have fewer than ten."""


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a file; lines count from 1."""

    line: int
    value: dict[str, Any]
    raw: str


def read_objects(path: Readable, worth: Callable[[str], bool] | None = None) -> Iterator[Record | Bad]:
    """Every line that is not empty, in order, with flat memory; raises ReengageError if the file cannot be opened.

    With `worth`, lines of which it denies that they are worth reading are left out.
    """
    with opened(path) as file:
        for number, line in enumerate(_lines(file), start=1):
            if line.strip() and (worth is None or worth(line.decode("utf-8", "replace"))):
                yield _record(number, line)


def read_document(path: Readable, records: Callable[[Any], Any]) -> Iterator[Record | Bad]:
    """The records of one JSON document, in order; a document that cannot be read is one bad record.

    `records` finds them in it: a list of objects, or one object. Raises ReengageError if it cannot be opened.
    """
    with opened(path) as file:
        content = file.read()
    try:
        listed = _listed(records(_document(content)))
    except NotASignal as error:
        yield Bad(1, str(error).replace("the line", "the document"), content.decode("utf-8", "replace"))
        return
    for number, value in enumerate(listed, start=1):
        raw = json.dumps(value, ensure_ascii=False)
        yield Record(number, value, raw) if isinstance(value, dict) else Bad(number, "this is not a JSON object", raw)


def _listed(found: Any) -> list[Any]:
    """Raises NotASignal where there are no records, not even none."""
    if found is None:
        raise NotASignal("there are no records where they should be; has the source changed its shape?")
    return found if isinstance(found, list) else [found]


def _document(content: bytes) -> Any:
    """The value of a document; raises NotASignal saying what else it is."""
    try:
        value = _parsed(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotASignal("the document is not UTF-8 text") from None
    except RecursionError:
        raise _too_deep() from None
    _check(value, 1)
    return value


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines, an overlong one cut just above the limit."""
    while line := file.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield line


def _record(number: int, line: bytes) -> Record | Bad:
    try:
        return Record(number, _object(line, first=number == 1), line.decode("utf-8-sig"))
    except NotASignal as error:
        return Bad(number, str(error), line.decode("utf-8", "replace"))


def _object(line: bytes, *, first: bool) -> dict[str, Any]:
    """The object of a line; raises NotASignal saying what else it is."""
    if len(line) > LONGEST_LINE:
        raise NotASignal(f"the line is longer than {LONGEST_LINE:,} bytes")
    try:
        value = _parsed(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError:
        raise NotASignal("the line is not UTF-8 text") from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(value, dict):
        raise NotASignal("the line is not a JSON object")
    if _may_be_unstorable(line):
        _check(value, 1)
    return value


def _may_be_unstorable(line: bytes) -> bool:
    """Whether the line is worth `_check`: half a character and NUL are only written as an escape, depth in brackets."""
    return b"\\u" in line or line.count(b"{") + line.count(b"[") > DEEPEST


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotASignal(f"the line is not JSON: it breaks off at character {error.pos + 1}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for number, key in enumerate(keys) if key in keys[:number])
        raise NotASignal(f'the key "{twice[:60]}" stands twice')
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise NotASignal(f"{word} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotASignal(f"{text[:20]} is too large a number")
    return number


def _whole(text: str) -> int:
    if len(text) > 20:
        raise NotASignal(f"{text[:20]}… is too large a number")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_repeats, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
)


def _check(value: Any, depth: int) -> None:
    """Raise NotASignal for what no database can store: deep nesting, NUL, half a character."""
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list | dict):
        for inner in chain.from_iterable(value.items()) if isinstance(value, dict) else value:
            _check(inner, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotASignal("a text holds a NUL character")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise NotASignal("a text holds half a character")


def _too_deep() -> NotASignal:
    return NotASignal(f"the line is nested more than {DEEPEST} levels deep")
