"""What the headings of a file mean: columns of ours and stops; own mappings first, and no stop overlooked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from reengage.app.imports.presets.preset import Flag, Preset, Reading, plain
from reengage.app.imports.presets.products import another, likely
from reengage.app.project import FILE, Project
from reengage.intake.flags import looks_like_stop, read_flag
from reengage.model.errors import ReengageError
from reengage.model.words import Channel

STOP = "opted_out"
"""The column of opt-out flags; `opted_out.phone` closes one channel."""

IGNORE = "ignore"

_NOTHING = Reading(columns={})


@dataclass(slots=True)
class Meaning:
    """A column for each heading, the one that counts first before the others; the stops it may state; remarks."""

    columns: dict[str, str] = field(default_factory=dict)
    flags: dict[str, tuple[Flag, ...]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, those it cannot do without, and those of which it needs at least one.

    `may_stop` says of the cells of a row that cannot be read whether they may hold a stop.
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    may_stop: Callable[[list[str]], bool] = lambda cells: False


def read_headings(
    headings: tuple[str, ...], kind: Kind, project: Project, preset: Preset | None, path: Path
) -> Meaning:
    """What each heading means.

    An own mapping in `reengage.toml` goes before the preset, the preset before our own names; a stop of the preset
    counts whatever its heading is mapped to. Raises ReengageError where a heading looks like a stop and is none of
    these, where a column is missing, or where the file is plainly another product's.
    """
    foreign = tuple(heading for heading in headings if heading not in kind.columns)
    if preset:
        _refuse_another(preset, foreign, kind.name, path)
    reading = preset.readings[kind.name] if preset else _NOTHING
    own = {plain(heading): column for heading, column in project.columns.items()}
    meaning = Meaning()
    for heading in sorted(filter(None, headings), key=lambda one: (plain(one) not in own, reading.place(one))):
        _read(heading, own.get(plain(heading)), reading, kind, meaning)
        if heading not in meaning.known and looks_like_stop(heading):
            _refuse_stop(heading, foreign, kind.name, preset, path)
    _require(kind, reading, meaning, foreign, preset, path)
    if reading.flags and not meaning.flags:
        some = ", ".join(list(reading.flags)[:3])
        meaning.remarks.append(f"no column says who has opted out; a full export has some of {some}, …")
    return meaning


def _read(heading: str, own: str | None, reading: Reading, kind: Kind, meaning: Meaning) -> None:
    """Note what one heading means; one that means nothing is not noted."""
    told, flag, silence = reading.column(heading), reading.flag(heading), reading.silence(heading)
    column = own or told or plain(heading)
    stops: tuple[Flag, ...] = (flag,) if flag else ()
    if STOP in kind.columns and column.partition(".")[0] == STOP:
        stops += (Flag(_channel(column), flag.read if flag else read_flag),)
    elif column in kind.columns or (column == told and column != IGNORE):
        meaning.columns[heading] = column
    if stops:
        meaning.flags[heading] = stops
    if stops or heading in meaning.columns or IGNORE in (own, told) or silence:
        meaning.known.add(heading)
    if flag and own and own.partition(".")[0] != STOP:
        meaning.remarks.append(f'"{heading}" is mapped to "{own}" in {FILE}; it is an opt-out and counts as one too')
    elif silence and not own:
        meaning.remarks.append(f'"{heading}" is not read as a stop: {silence}')


def _channel(column: str) -> Channel | None:
    name = column.partition(".")[2]
    return Channel(name) if name in tuple(Channel) else None


def _refuse_another(preset: Preset, headings: tuple[str, ...], kind: str, path: Path) -> None:
    if other := another(preset, headings, kind):
        raise ReengageError(
            f"this does not look like a {preset.label} export but like one of {other.label}; nothing was imported",
            where=str(path),
            help=f"--preset {other.name}",
        )


def _refuse_stop(heading: str, headings: tuple[str, ...], kind: str, preset: Preset | None, path: Path) -> None:
    raise ReengageError(
        f'the heading "{heading}" looks like an opt-out and is not mapped; nothing was imported',
        where=str(path),
        help=f'add to {FILE} under [import.columns]: "{heading}" = "opted_out"  (or opted_out.phone, ignore)'
        + _hint(headings, kind, preset),
    )


def _hint(headings: tuple[str, ...], kind: str, preset: Preset | None) -> str:
    found = None if preset else likely(headings, kind)
    return f"; this looks like a {found.label} export: --preset {found.name}" if found else ""


def _require(
    kind: Kind,
    reading: Reading,
    meaning: Meaning,
    headings: tuple[str, ...],
    preset: Preset | None,
    path: Path,
) -> None:
    present = {*meaning.columns.values(), *((STOP,) if meaning.flags else ())}
    if preset:
        _require_of_preset(preset, reading.lacks(present), kind.name, path)
        return
    missing = [column for column in kind.required if column not in present]
    if missing or (kind.any_of and not present & set(kind.any_of)):
        first = (missing or kind.any_of)[0]
        named = f'the column "{missing[0]}"' if missing else f"one of the columns {', '.join(kind.any_of)}"
        raise ReengageError(
            f"a file of {kind.name} needs {named}; nothing was imported",
            where=str(path),
            help=f'rename the heading, or map yours in {FILE} under [import.columns]: "Your heading" = "{first}"'
            + _hint(headings, kind.name, preset),
        )


def _require_of_preset(preset: Preset, lacking: Collection[str], kind: str, path: Path) -> None:
    if lacking:
        raise ReengageError(
            f"a {preset.label} export of {kind} needs one of the columns {', '.join(lacking)}; nothing was imported",
            where=str(path),
            help="add one of them to the export; headings are read in English",
        )
