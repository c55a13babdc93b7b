"""The rows of a file as signals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain, islice
from typing import Any

from reengage.language.diagnostic import quoted
from reengage.model.errors import ReengageError
from reengage.model.signal import Signal
from reengage.sources.connector import FEWEST_ROWS, JUDGED_ROWS, Connector, FieldMap
from reengage.sources.csvfile import BadCells, Table, open_table
from reengage.sources.envelope import signal_of_envelope
from reengage.sources.jsonfile import Record, read_document, read_objects
from reengage.sources.mapped import Mapper
from reengage.sources.moments import moment_of
from reengage.sources.opening import Readable
from reengage.sources.rows import Bad, Good, Row, clip
from reengage.sources.values import text_of

_FILE = "_file"
"""Where expressions find the file's name and the facts in it."""


def read_file(connector: Connector, path: Readable, received_at: datetime) -> Iterator[Row]:
    """The rows of a file in order, those that `keep_if` drops left out; `received_at` where a row has none.

    A file with too many bad rows among its first 5,000 has changed its shape and is refused before any row is
    given. Raises ReengageError for that and for an unreadable file.
    """
    rows = map(_clipped, _rows(connector, path, received_at))
    ahead = tuple(islice(rows, JUDGED_ROWS))
    _refuse_drift(connector, path, ahead)
    return filter(None, chain(ahead, rows))


def read_anyway(
    connector: Connector, path: Readable, received_at: datetime, worth: Callable[[str], bool] | None = None
) -> Iterator[Row]:
    """The rows of a file whatever its name and shape, bad ones whole; raises ReengageError where it breaks off.

    Lines of our envelope of which `worth` denies that they are worth reading are left out.
    """
    return (row for row in _rows(connector, path, received_at, strictly=False, worth=worth) if row)


def _clipped(row: Row | None) -> Row | None:
    return row._replace(raw=clip(row.raw)) if isinstance(row, Bad) else row


def _refuse_drift(connector: Connector, path: Readable, rows: Sequence[Row | None]) -> None:
    bad = [row for row in rows if isinstance(row, Bad)]
    if len(rows) >= FEWEST_ROWS and len(bad) > len(rows) * connector.max_bad_ratio:
        raise ReengageError(
            f"{len(bad)} of {len(rows)} rows cannot be read, so the file was not taken in",
            where=f"{path}:{bad[0].line}",
            help=f"the first one: {bad[0].reason}",
        )


def _rows(
    connector: Connector,
    path: Readable,
    received_at: datetime,
    *,
    strictly: bool = True,
    worth: Callable[[str], bool] | None = None,
) -> Iterator[Row | None]:
    """Every row; None for one that is not wanted. Strictly, the file's name and columns have to be those expected."""
    make = _maker(connector, path, received_at, strictly)
    for found in _records(connector, path, strictly, worth):
        if isinstance(found, Bad):
            yield found
            continue
        line, value, raw = found
        try:
            signal = make(value)
        except ValueError as error:
            yield Bad(line, str(error), raw)
        else:
            yield Good(line, signal) if signal else None


def _maker(
    connector: Connector, path: Readable, received_at: datetime, strictly: bool
) -> Callable[[dict[str, Any]], Signal | None]:
    form = connector.map
    if form is None:
        return lambda record: signal_of_envelope(record, received_at, connector.vocabulary)
    about = {_FILE: _file_facts(connector, path, strictly)}
    mapper = Mapper.of(form, connector.name, received_at)
    return lambda record: mapper.signal({**record, **about})


def _file_facts(connector: Connector, path: Readable, strictly: bool) -> dict[str, str]:
    if connector.file_facts is None:
        return {"name": path.name}
    found = connector.file_facts.search(path.name)
    if found is None and not strictly:
        return {"name": path.name}
    if found is None:
        help = f"{connector.name} expects {quoted(connector.file_facts.pattern)} (file_facts)"
        raise ReengageError("the file's name does not say what it should", where=str(path), help=help)
    return {"name": path.name, **{name: text for name, text in found.groupdict().items() if text is not None}}


def _records(
    connector: Connector, path: Readable, strictly: bool, worth: Callable[[str], bool] | None = None
) -> Iterator[Record | Bad]:
    if connector.kind == "jsonl":
        return read_objects(path, None if connector.map else worth)
    if connector.kind in ("rest", "python", "webhook"):
        return read_document(path, connector.records.of if connector.records else lambda value: value)
    form = connector.csv
    table = open_table(path, encoding=form.encoding, delimiter=form.delimiter, columns=form.columns)
    if connector.map and strictly:
        _refuse_absent_columns(connector.map, table)
    return (
        Bad(row.line, row.reason, row.raw) if isinstance(row, BadCells) else Record(row.line, row.values, row.raw)
        for row in table.rows()
    )


def _refuse_absent_columns(form: FieldMap, table: Table) -> None:
    """A renamed column must not turn into empty facts in silence."""
    extra = {"id": form.id, "occurred_at": form.occurred_at}
    for target, expression in chain(form.targets.items(), extra.items()):
        names = expression.names if expression else frozenset()
        if names and _FILE not in names and names.isdisjoint(table.headings):
            wanted = " or ".join(map(quoted, sorted(names)))
            help = f"{target} reads it; the headings are {', '.join(filter(None, table.headings))[:500]}"
            raise ReengageError(f"the file has no column {wanted}", where=str(table.path), help=help)


def newest_in(connector: Connector, path: Readable) -> datetime | None:
    """The latest moment that the connector's cursor finds in the records of an answer; what is no moment is passed."""
    polling = connector.polling
    if polling is None or polling.cursor is None:
        return None
    form = connector.map
    zone, formats = (form.zone, form.date_formats) if form else ("UTC", ())
    moments = []
    for found in _records(connector, path, strictly=False):
        with suppress(ValueError):
            text = None if isinstance(found, Bad) else text_of(polling.cursor.of(found.value), "cursor")
            moments += [moment_of(text, formats, zone)] if text else []
    return max(moments, default=None)
