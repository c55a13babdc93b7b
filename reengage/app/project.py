"""The project: the folder with `reengage.toml`, found upwards, and what that file sets."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from reengage.app.desk.settings import KEYS as REPLY_KEYS
from reengage.app.desk.settings import DeskSettings, read_settings
from reengage.app.elsewhere import Source
from reengage.app.imports.columns import CONTACT_COLUMNS
from reengage.app.keyfile import read_keys
from reengage.intake.flags import looks_like_stop
from reengage.language.cron import Schedule
from reengage.language.declared import MOST_NAMES, fact_of, field_name
from reengage.language.diagnostic import Diagnostic
from reengage.language.plainfile import read_plain
from reengage.language.ruleset import RuleSet, load_rules
from reengage.language.tree import Span
from reengage.language.values import NotUnderstood, calendar_span, slug
from reengage.language.wording import Wording, load_wording
from reengage.model.errors import ReengageError, UsageError
from reengage.model.facts import KINDS, Fact, Vocabulary
from reengage.model.settings import Caps, Settings
from reengage.model.text import counted
from reengage.model.words import AccountStatus, Response
from reengage.sources.connector import Connector
from reengage.sources.connectors import Sources, load_connectors, read_sources
from reengage.sources.made import made_by
from reengage.store.database import Database, open_database

FILE = "reengage.toml"
CONNECTORS = "connectors"
JOURNAL = ".reengage.journal"
"""The copy of the ledger of stops; best kept where a restored backup does not overwrite it."""

KEEP_RECEIVED = 90
"""Days for which the bytes that sources sent are kept; our choice: a quarter. Some vendors' terms ask for less."""

MOST_BYTES, MOST_DOTS = 65_536, 200
"""The longest settings, and the most dots in one line of them; our choice: a key of many parts takes long to read."""

DATABASE_VARIABLE = "REENGAGE_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and its settings."""

    folder: Path
    database_url: str
    settings: Settings
    schedule: Schedule | None = None
    default_region: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    responses: dict[str, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    journal: Path | None = None
    keep_received: timedelta = timedelta(days=KEEP_RECEIVED)
    private_hosts: tuple[str, ...] = ()
    public_address: str = ""
    desk: DeskSettings = field(default_factory=DeskSettings)

    def open(self) -> Database:
        """Open the project's database; a relative SQLite path is relative to the project."""
        prefix = "sqlite:///"
        url = self.database_url
        if url.startswith(prefix) and not url.startswith(f"{prefix}/"):
            url = f"{prefix}{self.folder / url.removeprefix(prefix)}"
        return open_database(url, read_keys(self.folder), self.journal)

    def rules(self) -> RuleSet:
        """The rules of this project, with what is wrong with them."""
        return self.rules_in(self.folder / "rules")

    def rules_in(self, folder: Path) -> RuleSet:
        """The rules of a folder, in the words of this project."""
        sources = read_sources(self.folder / CONNECTORS)
        return load_rules(folder, self._words(sources), made_by(sources.connectors))

    def connectors(self) -> tuple[tuple[Connector, ...], tuple[Diagnostic, ...]]:
        """The connectors of this project, with what is wrong with their files."""
        return load_connectors(self.folder / CONNECTORS)

    def vocabulary(self) -> Vocabulary:
        """What rules may speak of: the signals there are, those that connectors declare, and the project's fields."""
        return self._words(read_sources(self.folder / CONNECTORS))

    def _words(self, sources: Sources) -> Vocabulary:
        for name in sorted(sources.kinds.keys() & self.settings.own_fields.keys()):
            message = f'[fields] "{name}" is also a signal that a connector declares'
            raise ReengageError(message, where=FILE, help="give one of the two another name")
        return Vocabulary({**KINDS, **sources.kinds}, self.settings.own_fields)

    def wording(self) -> Wording:
        """The phrases and examples by which this project reads answers, with what is wrong with them."""
        return load_wording(self.folder / "rules")

    def usable_rules(self) -> RuleSet:
        """The rules of this project; raises ReengageError where they have errors."""
        rules = self.rules()
        _refuse(rules.errors, "the rules have")
        return rules

    def usable_wording(self) -> Wording:
        """What answers are read by; raises ReengageError where it has errors."""
        wording = self.wording()
        _refuse(wording.errors, "what answers are read by has")
        return wording


def _refuse(errors: tuple[Diagnostic, ...], told: str) -> None:
    if errors:
        raise ReengageError(
            f"{told} {counted(len(errors), 'error')}; the first: {errors[0].message}",
            where=str(errors[0].position),
            help="reengage check shows all of them",
        )


_TABLES: dict[str, tuple[str, ...]] = {
    "": (
        "database",
        "time_zone",
        "country",
        "schedule",
        "default_owner",
        "default_region",
        "contact_cooldown_days",
        "journal",
        "keep_received_days",
        "private_hosts",
        "public_address",
    ),
    "caps": tuple(Caps.model_fields),
    "defaults": ("account_status",),
    "import": ("columns", "responses"),
    "fields": (),
    "opt_outs": ("from",),
    "replies": REPLY_KEYS,
}
_SOURCE_KEYS = ("every", "connector", "when_stale")
_WHEN_STALE = ("warn", "refuse")


def find_project(start: Path) -> Project:
    """The project that a folder belongs to; raises UsageError where there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return read_project(folder)
    raise UsageError(f"no {FILE} here or above {start.resolve()}", help="start one: reengage init my-project")


def read_project(folder: Path) -> Project:
    """Read a project's settings; raises ReengageError naming the line of the file that does not fit."""
    raw = _parse(folder / FILE)
    imports = _table(raw, "import")
    _refuse_unknown(raw)
    return Project(
        folder=folder,
        database_url=os.environ.get(DATABASE_VARIABLE) or _word(raw, "database") or "sqlite:///reengage.db",
        settings=_settings(raw),
        schedule=_schedule(raw),
        default_region=_word(raw, "default_region") or _word(raw, "country"),
        columns=_words(imports, "columns"),
        responses=_responses(imports),
        sources=_sources(_table(raw, "opt_outs")),
        journal=folder / (_word(raw, "journal") or JOURNAL),
        private_hosts=_hosts(raw),
        public_address=_word(raw, "public_address") or "",
        keep_received=timedelta(days=_days(raw, "keep_received_days", KEEP_RECEIVED)),
        desk=read_settings(_table(raw, "replies")),
    )


def _parse(path: Path) -> dict[str, Any]:
    try:
        content = read_plain(path, MOST_BYTES)
        text = content.decode("utf-8-sig")
        if len(content) > MOST_BYTES or any(line.count(".") > MOST_DOTS for line in text.splitlines()):
            raise ReengageError("the file is too large", where=FILE, help=f"it may have {MOST_BYTES // 1024} KiB")
        return tomllib.loads(text)
    except OSError as error:
        raise ReengageError(f"the file cannot be read: {error.strerror}", where=FILE) from error
    except RecursionError as error:
        raise ReengageError("the file is nested too deep", where=FILE, help="see the comments in it") from error
    except ValueError as error:
        raise ReengageError(f"the file cannot be read: {error}", where=FILE, help="see the comments in it") from error


def _refuse_unknown(raw: dict[str, Any]) -> None:
    _known("", [key for key in raw if key not in _TABLES], _TABLES[""])
    _table(raw, "fields")
    for table in (table for table, known in _TABLES.items() if table and known):
        _known(table, list(_table(raw, table)), _TABLES[table])


def _known(table: str, keys: list[str], known: tuple[str, ...]) -> None:
    for key in keys:
        if key not in known:
            close = get_close_matches(key, known, 1)
            place = f"[{table}] " if table else ""
            advice = f'did you mean "{close[0]}"?' if close else f"known: {', '.join(known)}"
            raise ReengageError(f'{place}has an unknown key "{key}"'.strip(), where=FILE, help=advice)


def _settings(raw: dict[str, Any]) -> Settings:
    zone = _word(raw, "time_zone") or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ReengageError(
            f'time_zone "{zone}" is not a zone', where=FILE, help='use a name such as "Europe/Berlin"'
        ) from error
    try:
        return Settings(
            zone=zone,
            country=_word(raw, "country"),
            contact_cooldown_days=raw.get("contact_cooldown_days", 14),
            default_owner=_word(raw, "default_owner"),
            empty_account_status=_empty_status(raw),
            caps=Caps(**_table(raw, "caps")),
            own_fields=dict(_own_fields(_table(raw, "fields"))),
        )
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][-1])
        least = "at least 1 (0 for email_touches and contact_cooldown_days, 2 for reps_per_week)"
        advice = f"a whole number of {least}, and not an endless one"
        raise ReengageError(f'"{key}" does not fit', where=FILE, help=advice) from error


def _own_fields(declared: dict[str, Any]) -> Iterator[tuple[str, Fact]]:
    """The fields that a project adds to its contacts, each a type or a list of words."""
    if len(declared) > MOST_NAMES:
        raise ReengageError(f"[fields] declares more than {MOST_NAMES} fields", where=FILE, help="keep what rules ask")
    for name, told in declared.items():
        if looks_like_stop(name):
            help = f'map its heading: [import.columns] "{name}" = "opted_out"'
            raise ReengageError(f'[fields] "{name}" looks like an opt-out, which is no field', where=FILE, help=help)
        told = [str(word) for word in told] if isinstance(told, list) else str(told)
        try:
            yield field_name(name, CONTACT_COLUMNS), fact_of(name, told)
        except NotUnderstood as error:
            raise ReengageError(f"[fields] {error.message}", where=FILE, help=error.help) from error


def _schedule(raw: dict[str, Any]) -> Schedule | None:
    text = _word(raw, "schedule")
    try:
        return Schedule.parse(text) if text else None
    except ReengageError as error:
        raise ReengageError(f"schedule: {error.message}", where=FILE, help=error.help) from error


def _empty_status(raw: dict[str, Any]) -> AccountStatus:
    status = _words(raw, "defaults").get("account_status", AccountStatus.UNKNOWN)
    if status not in tuple(AccountStatus):
        raise ReengageError(
            f'[defaults] account_status "{status}" is not known', where=FILE, help=f"one of {', '.join(AccountStatus)}"
        )
    return AccountStatus(status)


def _responses(imports: dict[str, Any]) -> dict[str, str]:
    mapped = {own.strip().casefold(): word for own, word in _words(imports, "responses").items()}
    for own, word in mapped.items():
        if word not in tuple(Response):
            raise ReengageError(
                f'[import.responses] maps "{own}" to "{word}", which is no response',
                where=FILE,
                help=f"one of {', '.join(Response)}",
            )
    return mapped


def _sources(opt_outs: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(_source(name, told) for name, told in _table(opt_outs, "from").items())


def _source(name: str, told: Any) -> Source:
    place = f"opt_outs.from.{name}"
    if not isinstance(told, dict) or "every" not in told:
        example = f'write {name} = {{every = "1 day"}} under [opt_outs.from]'
        raise ReengageError(f"[{place}] does not say how often it promises to come", where=FILE, help=example)
    _known(place, list(told), _SOURCE_KEYS)
    when_stale = _word(told, "when_stale") or "warn"
    if when_stale not in _WHEN_STALE:
        advice = f"one of {', '.join(_WHEN_STALE)}"
        raise ReengageError(f'[{place}] when_stale "{when_stale}" is not known', where=FILE, help=advice)
    try:
        return Source(slug(name), _interval(told["every"]), _word(told, "connector"), when_stale == "refuse")
    except NotUnderstood as error:
        raise ReengageError(f"[{place}] {error.message}", where=FILE, help=error.help) from error


def _interval(told: Any) -> Span:
    """A promised interval of at least one day; raises NotUnderstood."""
    span = calendar_span(str(told))
    if not span.count:
        raise NotUnderstood(f'"{span}" is no interval', help='the shortest is "1 day"')
    return span


def _hosts(raw: dict[str, Any]) -> tuple[str, ...]:
    listed = raw.get("private_hosts", [])
    if isinstance(listed, list) and all(isinstance(host, str) for host in listed):
        return tuple(listed)
    raise ReengageError('"private_hosts" must be a list of names or addresses', where=FILE, help='["10.0.0.5"]')


def _days(raw: dict[str, Any], key: str, otherwise: int) -> int:
    value = raw.get(key, otherwise)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 3650:
        return value
    raise ReengageError(f'"{key}" must be a number of days', where=FILE, help="a whole number from 0 to 3650")


def _word(raw: dict[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise ReengageError(f'"{key}" must be a text in quotes', where=FILE)


def _table(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key, {})
    if isinstance(value, dict):
        return value
    raise ReengageError(f'"{key}" must be a table', where=FILE, help=f"write [{key}] on a line of its own")


def _words(raw: dict[str, Any], key: str) -> dict[str, str]:
    return {name: str(value) for name, value in _table(raw, key).items()}


def parse_moment(text: str, zone: str) -> datetime:
    """A moment as written on the command line: ISO 8601; a bare date or time is read in the project's zone.

    Raises UsageError for anything else.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f'"{text}" is not a moment', help="write 2026-10-01 or 2026-10-01T09:00:00+02:00") from error
    if not 1970 <= moment.year <= 2200:
        raise UsageError(f'"{text}" lies outside the years 1970 to 2200')
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
