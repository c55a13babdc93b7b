"""What must come of a connector's own example files, which lie beside it in `<its file>.fixtures/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reengage.language.plainfile import read_plain
from reengage.model.errors import ReengageError
from reengage.model.signal import Signal
from reengage.sources.connector import Connector
from reengage.sources.hooks.request import Request
from reengage.sources.hooks.signing import Verify, refusal, reveal_keys
from reengage.sources.moments import moment_of
from reengage.sources.rows import Good
from reengage.sources.signals import read_file

EXPECTED = "expected.json"
"""The file among the fixtures that says what must come of the others."""

REQUEST = ".request.json"
"""What a file beside a delivery ends with, `moved.request.json` beside `moved.json`: how it was sent to a webhook."""

MOST_BYTES = 4 << 20
"""Bytes of that file; our choice: a hundred rows have some fifty thousand."""

NO_FIXTURES = "no fixtures"

_ADVICE = "write it anew with reengage connector test NAME --write"
_ACCEPTED = "accepted"
_SENT = ("method", "target", "base", "headers", "environ", "at")
_EXAMPLE = '{"target": "/hooks/lusha/…", "headers": {…}, "at": "2026-10-14T16:16:40Z", "environ": {"SECRET": "…"}}'
_REASONS = ("bad", "refused", "verified")
_NUMBERED = re.compile(r"(.*):([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Rows:
    """What comes of example files received at one moment.

    Signals and the reasons of bad rows stand under `file:line`, the reasons of refused files under the file, and so
    does what a webhook says of a delivery beside which it stands how it was sent; one that is not accepted gives no
    rows. A signal is JSON without what is empty, and without `received_at` where that is the moment of all. A row that
    `keep_if` leaves out stands nowhere.
    """

    received_at: datetime
    signals: dict[str, dict[str, Any]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it stands in expected.json."""
        moment = self.received_at.isoformat().replace("+00:00", "Z")
        groups = {"signals": self.signals, "bad": self.bad, "refused": self.refused, "verified": self.verified}
        return {"received_at": moment, **{name: rows for name, rows in groups.items() if rows or name == "signals"}}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one row, at `file:line`, that came otherwise than expected; None is nothing at all."""

    at: str
    field: str
    expected: Any
    came: Any

    def __str__(self) -> str:
        return f"{self.at}: {self.field}: expected {_shown(self.expected)}, came {_shown(self.came)}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A connector and what came of its fixtures; `untested` says what there is not where nothing can be compared."""

    connector: Connector
    folder: Path
    came: Rows | None = None
    differences: tuple[Difference, ...] = ()
    untested: str | None = None


def check_fixtures(connector: Connector, directory: Path, at: datetime | None = None) -> Checked:
    """Compare what comes of a connector's fixtures, received at the moment that they state or at another.

    Raises ReengageError where expected.json, or how a delivery was sent, cannot be read or has another shape.
    """
    folder = fixtures_of(connector, directory)
    expected = read_expected(folder)
    if expected is None:
        return Checked(connector, folder, untested=f"no {EXPECTED}" if _files(connector, folder) else NO_FIXTURES)
    came = read_fixtures(connector, folder, at or expected.received_at)
    return Checked(connector, folder, came, differences(expected, came))


def fixtures_of(connector: Connector, directory: Path) -> Path:
    """The folder of a connector's fixtures in the folder that its own file lies in."""
    return directory / f"{Path(connector.at.file).stem}.fixtures"


def read_fixtures(connector: Connector, folder: Path, received_at: datetime) -> Rows:
    """What comes of the files of a folder, by the verifying, reading and mapping of `serve` and `ingest`.

    Raises ReengageError where it cannot be read how a delivery was sent.
    """
    rows = Rows(received_at)
    for file in _files(connector, folder):
        if not _is_accepted(rows, connector, file):
            continue
        try:
            _read_into(rows, connector, file)
        except ReengageError as error:
            rows.refused[file.name] = error.message
    return rows


def read_expected(folder: Path) -> Rows | None:
    """What expected.json says; None where there is none.

    Raises ReengageError where it cannot be read or has another shape.
    """
    path = folder / EXPECTED
    if not path.exists():
        return None
    names = ("received_at", "signals", "bad", "refused", "verified")
    told = _object(path, names)
    return Rows(_moment(told, "received_at", path), *(_group(told, name, path) for name in names[1:]))


def renew_expected(connector: Connector, directory: Path, at: datetime | None, otherwise: datetime) -> Path | None:
    """Write expected.json anew from what comes of the fixtures; answers where, or None where there are none.

    They count as received `at` this moment, without one at that which expected.json states, or `otherwise`. Raises
    ReengageError where the present expected.json cannot be read.
    """
    folder = fixtures_of(connector, directory)
    before = read_expected(folder)
    if before is None and not _files(connector, folder):
        return None
    came = read_fixtures(connector, folder, at or (before.received_at if before else otherwise))
    path = folder / EXPECTED
    path.write_text(json.dumps(came.to_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def differences(expected: Rows, came: Rows) -> tuple[Difference, ...]:
    """Every field that differs, in the order of the files and lines."""
    wanted, found = _told(expected), _told(came)
    places = sorted(wanted.keys() | found.keys(), key=_place)
    return tuple(one for at in places for one in _compare(at, wanted.get(at), found.get(at)))


def _files(connector: Connector, folder: Path) -> list[Path]:
    """The example files; beside those of a webhook that is called itself lies how they were sent."""
    found = folder.iterdir() if folder.is_dir() else ()
    files = sorted(path for path in found if path.is_file() and path.name != EXPECTED and path.name[0] != ".")
    return [path for path in files if _verify_of(connector) is None or not path.name.endswith(REQUEST)]


def _verify_of(connector: Connector) -> Verify | None:
    """How the deliveries of a connector are verified; None where they are not its own."""
    hooking = connector.hooking
    return hooking.verify if hooking and not hooking.of else None


def _is_accepted(rows: Rows, connector: Connector, file: Path) -> bool:
    """Whether the rows of a file are read: all are of which nothing is said how they were sent."""
    verify, sent = _verify_of(connector), file.with_suffix(REQUEST)
    if verify is None or not sent.exists():
        return True
    verdict = rows.verified[file.name] = _verdict(verify, sent, file.read_bytes())
    return verdict == _ACCEPTED


def _verdict(verify: Verify, sent: Path, body: bytes) -> str:
    """What the server says of these bytes, sent as the file says; raises ReengageError where that cannot be read."""
    told = _object(sent, _SENT, help=f"for example {_EXAMPLE}")
    texts = {name: told.get(name, "") for name in ("method", "target", "base")}
    _refuse_others(texts, "texts", sent)
    headers, environ = (_texts(told, name, sent) for name in ("headers", "environ"))
    request = Request(texts["method"] or "POST", texts["target"], tuple(headers.items()), body, texts["base"])
    refused = refusal(verify, reveal_keys(verify, environ, sent.parent), request, _moment(told, "at", sent))
    return f"{refused.kind}: {refused.reason}" if refused else _ACCEPTED


def _texts(told: Mapping[str, Any], name: str, path: Path) -> dict[str, str]:
    found = told.get(name, {})
    _refuse_others(found if isinstance(found, dict) else {name: None}, f'texts by name under "{name}"', path)
    return dict(found)


def _refuse_others(values: Mapping[str, Any], what: str, path: Path) -> None:
    if other := [name for name, value in values.items() if not isinstance(value, str)]:
        help = f"it has {what}, for example {_EXAMPLE}"
        raise ReengageError(f'"{other[0][:40]}" is not a text', where=str(path), help=help)


def _read_into(rows: Rows, connector: Connector, file: Path) -> None:
    for row in read_file(connector, file, rows.received_at):
        at = f"{file.name}:{row.line}"
        if isinstance(row, Good):
            rows.signals[at] = _as_json(row.signal, rows.received_at)
        else:
            rows.bad[at] = row.reason


def _as_json(signal: Signal, received_at: datetime) -> dict[str, Any]:
    usual = {"received_at"} if signal.received_at == received_at else None
    return signal.model_dump(mode="json", exclude_defaults=True, exclude=usual)


def _object(path: Path, names: Sequence[str], help: str = _ADVICE) -> dict[str, Any]:
    """The JSON object of a file with nothing but these names in it; raises ReengageError."""
    try:
        value = json.loads(_content(path))
    except (ValueError, RecursionError) as error:
        where = f"{path}:{getattr(error, 'lineno', 1)}"
        raise ReengageError("this is not JSON", where=where, help=help) from None
    if not isinstance(value, dict):
        raise ReengageError("this is not a JSON object", where=str(path), help=help)
    if unknown := [name for name in value if name not in names]:
        raise ReengageError(f'"{unknown[0][:40]}" means nothing here; it has {", ".join(names)}', where=str(path))
    return value


def _content(path: Path) -> bytes:
    try:
        content = read_plain(path, MOST_BYTES)
    except OSError as error:
        raise ReengageError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
    if len(content) > MOST_BYTES:
        raise ReengageError(f"the file is longer than {MOST_BYTES:,} bytes", where=str(path), help="use fewer rows")
    return content


def _moment(told: Mapping[str, Any], name: str, path: Path) -> datetime:
    try:
        return moment_of(str(told.get(name, "")))
    except ValueError as error:
        help = f'for example "{name}": "2026-10-06T06:00:00Z"'
        raise ReengageError(f"{name}: {error}", where=str(path), help=help) from None


def _group(told: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    group = told.get(name, {})
    kind, what = (dict, "signals") if name == "signals" else (str, "reasons")
    if not isinstance(group, dict) or not all(isinstance(one, kind) for one in group.values()):
        raise ReengageError(f'"{name}" is not a list of {what} by file and line', where=str(path), help=_ADVICE)
    return group


def _told(rows: Rows) -> dict[str, dict[str, Any]]:
    """The fields of each row by its place, those within `keys` and `facts` on their own."""
    told = {at: dict(_flat(signal)) for at, signal in rows.signals.items()}
    for name in _REASONS:
        for at, reason in getattr(rows, name).items():
            told.setdefault(at, {})[name] = reason
    return told


def _flat(value: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{under}{name}.")
        else:
            yield f"{under}{name}", inner


def _place(at: str) -> tuple[str, int]:
    numbered = _NUMBERED.fullmatch(at)
    return (numbered[1], int(numbered[2])) if numbered else (at, 0)


def _compare(at: str, wanted: dict[str, Any] | None, found: dict[str, Any] | None) -> Iterator[Difference]:
    if _kind(wanted) != _kind(found):
        yield Difference(at, "row", _kind(wanted), _kind(found) if found is None else _named(found))
    elif wanted is not None and found is not None:
        for name in {**wanted, **found}:
            if wanted.get(name) != found.get(name):
                yield Difference(at, name, wanted.get(name), found.get(name))


def _kind(row: Mapping[str, Any] | None) -> str | None:
    if row is None:
        return None
    return next((name for name in _REASONS if name in row), "signal")


def _named(row: Mapping[str, Any]) -> str:
    signal = ("signal", f"{row.get('kind')} {row.get('id')}")
    name, told = next(((name, row[name]) for name in _REASONS if name in row), signal)
    return f"{name}: {told}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
