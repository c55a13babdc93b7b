"""A file with one JSON object in each line, read strictly: nothing is guessed, nothing is overwritten."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO, NamedTuple, NoReturn

from pydantic_core import from_json

from reengage.sources.opening import Readable, opened
from reengage.sources.rows import Bad, NotASignal

LONGEST_LINE = 1 << 20
"""Bytes of a line; our choice: the largest vendor payload we know has a few thousand."""

DEEPEST = 32
"""Levels of nesting; our choice: vendor payloads have fewer than ten."""

_PAGE = 1 << 16
"""Bytes that are read at once."""

_SHALLOW, _LARGE = 8, 10**15
"""Levels of nesting and whole numbers up to which Pydantic's parser and ours say the same without a second look."""


class Record(NamedTuple):
    """One object of a file; lines count from 1."""

    line: int
    value: dict[str, Any]
    raw: str


def read_objects(path: Readable, worth: Callable[[str], bool] | None = None) -> Iterator[Record | Bad]:
    """Every line that is not empty, in order, with flat memory; raises ReengageError if the file cannot be opened.

    With `worth`, lines of which it denies that they are worth reading are left out: it is asked of many lines at once,
    and where one of them may be, of fewer.
    """
    number = 1
    with opened(path) as file:
        for page in _pages(file):
            lines = list(enumerate(page, number))
            number += len(page)
            for place, line in lines if worth is None else _worth_reading(lines, worth):
                if line.strip():
                    yield _record(place, line)


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


def _pages(file: BinaryIO) -> Iterator[list[bytes]]:
    """The lines, many at once, an overlong one cut just above the limit."""
    while page := file.read(_PAGE):
        rest = b"" if page.endswith(b"\n") else file.readline(LONGEST_LINE + 1)
        lines = BytesIO(page + rest).readlines()
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield [line[: LONGEST_LINE + 1] for line in lines]


def _worth_reading(lines: Sequence[tuple[int, bytes]], worth: Callable[[str], bool]) -> Iterator[tuple[int, bytes]]:
    """Those of these numbered lines that are worth it, found by halves."""
    if not worth(b"\n".join(line for _, line in lines).decode("utf-8", "replace")):
        return
    if len(lines) == 1:
        yield lines[0]
        return
    half = len(lines) // 2
    yield from _worth_reading(lines[:half], worth)
    yield from _worth_reading(lines[half:], worth)


def _record(number: int, line: bytes) -> Record | Bad:
    plain = _plain_object(line)
    return _thorough(number, line) if plain is None else Record(number, plain, line.decode())


def _plain_object(line: bytes) -> dict[str, Any] | None:
    """The object of a line in which nothing is odd, as in nearly all; None for another, which is read thoroughly.

    Pydantic's parser takes a fifth of the time but the last of two equal names. Where no string has an escape and no
    space stands before a colon, every name is followed by a quote and a colon, so one that stands twice is missing.
    """
    if len(line) > LONGEST_LINE or b"\\" in line or b" :" in line or b"\t:" in line or b"\r:" in line:
        return None
    try:
        value = from_json(line, allow_inf_nan=False)
    except ValueError:
        return None
    return value if type(value) is dict and _names_in(value) == line.count(b'":') else None


def _names_in(value: Any, depth: int = 1) -> float:
    """How many names there are in an object or list of plain values, infinity where one is not plain."""
    many: float = len(value) if type(value) is dict else 0
    for inner in value.values() if type(value) is dict else value:
        kind = type(inner)
        if kind is str or inner is None or kind is bool or (kind is int and -_LARGE < inner < _LARGE):
            continue
        many += _names_in(inner, depth + 1) if kind in (dict, list) and depth < _SHALLOW else math.inf
    return many


def _thorough(number: int, line: bytes) -> Record | Bad:
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
