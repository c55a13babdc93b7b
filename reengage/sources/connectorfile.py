"""Reads one connector file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from reengage.language.cron import Schedule
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node, place
from reengage.language.reader import (
    Fields,
    Found,
    Read,
    attempt,
    fields_of,
    mapping_of,
    note_missing,
    one,
    some,
    unknown_key,
    word_of,
)
from reengage.language.values import NotUnderstood, choice, day, flag, line_of_text, number, slug
from reengage.sources.connector import (
    KEY_TARGETS,
    MAX_BAD_RATIO,
    MAX_CALLS,
    Connector,
    CsvForm,
    FieldMap,
    Hooking,
    Kind,
    Polling,
    Timer,
)
from reengage.sources.elapsed import elapsed
from reengage.sources.expression import Expression, parse_expression
from reengage.sources.files import path_problem
from reengage.sources.hooks.answer import Answer
from reengage.sources.hooks.hookfile import read_answer, read_verify
from reengage.sources.hooks.signing import PathOnly, Verify
from reengage.sources.moments import is_date_format
from reengage.sources.program import Program, program_name, read_options
from reengage.sources.rest.request import RestRequest
from reengage.sources.rest.restfile import read_rest
from reengage.sources.rest.restvalues import at_least_one
from reengage.sources.secrets import Secret, parse_secret

_NAMED = ("name", "kind")
_READ = ("path", "max_bad_ratio", "settle", "archive", "declares")
CALLED = ("path_token", "verify", "answer")
"""How a webhook is called: the first two are needed, and none may stand where it is another one's."""

_POLLED = ("cursor", "overlap", "start", "every")
_ASKED = ("records", "max_bad_ratio", "declares")
_OF_RECORDS = (
    *("signal", "map", "occurred_at", "id", "date_formats", "timezone"),
    *("require", "require_any", "when", "keep_if"),
)
MAPPED = (*_OF_RECORDS, "file_facts")
"""The keys by which rows that are not our envelope become signals."""

KEYS: dict[Kind, tuple[str, ...]] = {
    "csv": (*_NAMED, *_READ, "csv", *MAPPED),
    "jsonl": (*_NAMED, *_READ, *MAPPED),
    "rest": (*_NAMED, "rest", *_POLLED, "max_calls", *_ASKED, *_OF_RECORDS),
    "python": (*_NAMED, "class", "options", *_POLLED, *_ASKED, *_OF_RECORDS),
    "webhook": (*_NAMED, *CALLED, "of", *_ASKED, *_OF_RECORDS),
    "timer": (*_NAMED, "signal", "cron", "timezone", "facts"),
}
"""Every key of a connector, by its kind."""

NEEDED: dict[Kind, tuple[str, ...]] = {
    "csv": ("name", "path"),
    "jsonl": ("name", "path"),
    "rest": ("name", "rest"),
    "python": ("name", "class"),
    "webhook": ("name",),
    "timer": ("name", "cron"),
}
"""The keys that a connector cannot be without, beside `kind`."""

NEEDED_WITH_A_MAP = ("signal", "map", "occurred_at")
"""The keys that go together; without all that a map brings, the lines of a file are our envelope."""

CSV_KEYS = ("encoding", "delimiter", "header", "columns")
"""How the files of a `csv` connector are written."""

ENCODINGS = {"auto": None, "utf-8": "utf-8-sig", "cp1252": "cp1252"}
DELIMITERS = {"auto": None, ",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}
SYSTEM = re.compile(r"(?:crm|vendor)\.[a-z0-9][a-z0-9_-]{0,63}")
"""A target of `map` that is an id of somebody else's."""

_LONGEST_PATTERN = 200
_ONE_LETTER = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\(\?(?:P[<=]\w+>?|<[=!]|[:=!]|[a-z-]+:?)")
_REPEAT = re.compile(r"(?:[*+]|\{[0-9]*,[0-9]*\})\??")
_CHOICE = re.compile(r"[?|]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_NOTHING = parse_expression("@")


def read_connector(node: Node, found: Found) -> Connector | None:
    """The connector of a file; None where something about it is wrong, which is noted."""
    block, before = mapping_of(node, "a connector"), len(found)
    note_missing(block, ("kind",), "a connector", found)
    kind = Fields(block, found).read("kind", word_of(KEYS), None)
    if kind is None:
        return None
    fields = fields_of(block, KEYS[kind], f"a {kind} connector", found, NEEDED[kind])
    connector = _timer(fields) if kind == "timer" else _bringing(fields, kind)
    return connector if len(found) == before else None


def _bringing(fields: Fields, kind: Kind) -> Connector:
    """A connector of records: in files, in the answers of an API, or sent to us."""
    return Connector(
        name=fields.read("name", one(slug), ""),
        kind=kind,
        at=place(fields.node, "name"),
        path=fields.read("path", one(_path), ""),
        csv=fields.read("csv", _csv, CsvForm()),
        file_facts=fields.read("file_facts", one(_pattern), None),
        map=_field_map(fields, kind),
        vocabulary=fields.found.vocabulary,
        max_bad_ratio=fields.read("max_bad_ratio", one(_ratio), MAX_BAD_RATIO),
        settle=fields.read("settle", one(elapsed(timedelta(hours=1), "30 seconds")), timedelta(0)),
        archive=fields.read("archive", one(flag), False),
        records=fields.read("records", one(parse_expression), None),
        polling=_polling(fields, kind) if kind in ("rest", "python") else None,
        hooking=_hooking(fields) if kind == "webhook" else None,
    )


def _polling(fields: Fields, kind: Kind) -> Polling | None:
    request = fields.read("rest", read_rest, None) if kind == "rest" else _program(fields)
    polling = Polling(
        request=request or Program(""),
        cursor=fields.read("cursor", one(parse_expression), None),
        overlap=fields.read("overlap", one(elapsed(timedelta(days=366), "7 days")), timedelta(0)),
        start=fields.read("start", one(_first_moment), None),
        every=fields.read("every", one(elapsed(timedelta(days=366), "6 hours")), timedelta(0)),
        max_calls=fields.read("max_calls", one(at_least_one), MAX_CALLS),
    )
    if isinstance(request, RestRequest) and request.paginator.needs_records and not fields.node.pair("records"):
        message = "pages that end with an empty one need to know where the records are"
        help = "add records: for example data, or @ where an answer is a list"
        fields.found.append(Diagnostic(fields.node.at, message, "missing-key", help))
    return polling if request else None


def _program(fields: Fields) -> Program:
    return Program(fields.read("class", one(program_name), ""), fields.read("options", read_options, {}))


_UNVERIFIED: Verify = PathOnly()


def _hooking(fields: Fields) -> Hooking:
    shared = fields.node.pair("of")
    if shared is None:
        note_missing(fields.node, CALLED[:2], "a webhook connector", fields.found)
    for key in CALLED if shared else ():
        if pair := fields.node.pair(key):
            message = f"{quoted(key)} cannot stand beside of"
            fields.found.append(Diagnostic(pair.at, message, "unknown-key", "it is said by the connector it is of"))
    return Hooking(
        of=fields.read("of", one(slug), ""),
        path_token=fields.read("path_token", one(parse_secret), Secret("")),
        verify=fields.read("verify", read_verify, _UNVERIFIED),
        answer=fields.read("answer", read_answer, Answer()),
    )


def _first_moment(text: str) -> datetime:
    return datetime.combine(day(text), time(), UTC)


def _timer(fields: Fields) -> Connector:
    name = fields.read("name", one(slug), "")
    fields.read("signal", word_of(("timer",)), "timer")
    timer = Timer(
        schedule=fields.read("cron", one(Schedule.parse), Schedule("* * * * *")),
        zone=fields.read("timezone", one(_zone), "UTC"),
        name=fields.read("facts", _timer_name, name),
    )
    return Connector(name=name, kind="timer", at=place(fields.node, "name"), timer=timer)


def _timer_name(node: Node, found: Found) -> str:
    return fields_of(node, ("name",), "facts of a timer", found, ("name",)).read("name", one(line_of_text), "")


def _csv(node: Node, found: Found) -> CsvForm:
    fields = fields_of(node, CSV_KEYS, "csv", found)
    columns: tuple[str, ...] = fields.read("columns", some(one(line_of_text)), ())
    if fields.read("header", one(flag), not columns) == bool(columns):
        help = "files without a row of headings need both: header: false and the names of their columns"
        found.append(Diagnostic(fields.node.at, '"header" and "columns" do not fit', "wrong-shape", help=help))
    return CsvForm(
        encoding=fields.read("encoding", _one_of(ENCODINGS), None),
        delimiter=fields.read("delimiter", _one_of(DELIMITERS), None),
        columns=columns,
    )


def _one_of(words: Mapping[str, str | None]) -> Read[str | None]:
    read = one(partial(choice, known=tuple(words)))
    return lambda node, found: words[read(node, found)]


def _field_map(fields: Fields, kind: Kind) -> FieldMap | None:
    """None for our envelope; what is wrong or missing is noted."""
    if kind != "csv" and not any(map(fields.node.pair, MAPPED)):
        return None
    note_missing(fields.node, NEEDED_WITH_A_MAP, "a connector with a map", fields.found)
    vocabulary = fields.found.vocabulary
    signal = fields.read("signal", word_of(vocabulary.file_kinds), "")
    facts = vocabulary.kinds.get(signal, {})
    targets: dict[str, Expression] = fields.read("map", partial(_targets, signal, facts), {})
    return FieldMap(
        signal=signal,
        targets=targets,
        occurred_at=fields.read("occurred_at", one(parse_expression), _NOTHING),
        id=fields.read("id", one(parse_expression), None),
        date_formats=fields.read("date_formats", some(one(_date_format)), ()),
        zone=fields.read("timezone", one(_zone), "UTC"),
        facts=facts,
        require=fields.read("require", _some_of(targets), ()),
        require_any=fields.read("require_any", _some_of(targets), ()),
        keep_if=fields.read("keep_if", one(parse_expression), None),
        when=fields.read("when", one(parse_expression), None),
    )


def _some_of(targets: Collection[str]) -> Read[tuple[str, ...]]:
    return some(one(partial(choice, known=tuple(targets))))


def _targets(signal: str, facts: Collection[str], node: Node, found: Found) -> dict[str, Expression]:
    known = (*KEY_TARGETS, *(f"facts.{name}" for name in facts), "certainty", "crm.<system>", "vendor.<name>")
    block = mapping_of(node, "map")
    targets: dict[str, Expression] = {}
    for pair in block.pairs:
        if signal and pair.key not in known and not SYSTEM.fullmatch(pair.key):
            found.append(unknown_key(pair, known, f"the map of {signal}"))
        targets.update((pair.key, read) for read in attempt(one(parse_expression), pair.value, found))
    if not any(target in KEY_TARGETS or SYSTEM.fullmatch(target) for target in targets):
        help = f"add one of {', '.join(KEY_TARGETS)}"
        found.append(Diagnostic(block.at, "this map does not say whom a signal concerns", "no-key", help=help))
    return targets


def _path(text: str) -> str:
    if problem := path_problem(text):
        raise NotUnderstood(problem, help='for example "signals/*.csv"')
    return text


def _pattern(text: str) -> re.Pattern[str]:
    help = "name the parts that matter, for example (?P<week>[0-9-]{10})"
    try:
        pattern = re.compile(text[:_LONGEST_PATTERN])
    except (re.error, RecursionError, OverflowError):
        raise NotUnderstood(f"{quoted(text)} is not a regular expression", help=help) from None
    if not pattern.groupindex or len(text) > _LONGEST_PATTERN:
        raise NotUnderstood(f"{quoted(text)} names no part of a file name", help=help)
    if _may_take_long(text):
        advice = "repeat single letters, two of them at most, and leave out most of ? and |"
        raise NotUnderstood(f"{quoted(text)} may take for ever on some names", help=advice)
    return pattern


def _may_take_long(pattern: str) -> bool:
    """Whether a pattern may try a name of 255 letters in more than some ten million ways."""
    plain = _GROUP.sub("(", _ONE_LETTER.sub("x", pattern))
    repeats = len(_REPEAT.findall(plain))
    choices = len(_CHOICE.findall(_REPEAT.sub("", plain)))
    return bool(_REPEATED_GROUP.search(plain)) or repeats > 2 or choices > 4


def _ratio(text: str) -> float:
    value = float(number(text))
    if not 0 <= value <= 1:
        raise NotUnderstood(f"{quoted(text)} is not a share", help="write a number from 0 to 1, for example 0.2")
    return value


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise NotUnderstood(f"{quoted(text)} is not a time zone", help="for example Europe/London") from None


def _date_format(text: str) -> str:
    if not is_date_format(text):
        raise NotUnderstood(f"{quoted(text)} is not the format of a date", help='for example "%d.%m.%Y"')
    return text
