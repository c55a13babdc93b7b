"""Rows written a column at a time are those that the statement writes with all rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event, insert, select

from reengage.model.words import Channel
from reengage.store import columns as t
from reengage.store.database import Database
from reengage.store.inserts import _written, insert_all, insert_new, insert_numbered

AT = datetime(2026, 10, 1, 9, 30, 0, 123456, tzinfo=UTC)
EAST = AT.astimezone(timezone(timedelta(hours=9)))
ODD = ("", "a", "Ünïcödé \U0001f600", "quote ' and \" and %s and :x", "\n\t", "=1+1", "null", "\\u0000", "x" * 5_000)


def rows_of(connection: Connection, table: Any) -> list[Any]:
    columns = [column for column in table.__table__.columns if column.name != "id"]
    return sorted(map(tuple, connection.execute(select(*columns))), key=repr)


def contacts(count: int) -> list[dict[str, Any]]:
    return [{"key": f"C-{number}", "recorded_at": AT} for number in range(count)]


def profiles(first: int) -> list[dict[str, Any]]:
    own: tuple[Any, ...] = ({}, {"n": 1, "t": True, "f": 1.5, "s": "ü"}, {"n": True}, {"l": [1, None]})
    return [
        {
            "recorded_at": EAST if number % 2 else AT,
            "superseded_at": None if number % 3 else AT,
            "own_fields": own[number % len(own)],
            "contact_id": first + number,
            "first_name": name,
            "last_name": Channel.PHONE,
            **dict.fromkeys(("country", "owner_email", "crm_system", "crm_id")),
        }
        for number, name in enumerate(ODD)
    ]


def test_rows_written_a_column_at_a_time_are_those_of_the_plain_way(database: Database) -> None:
    with database.writing() as connection:
        first = insert_numbered(connection, t.ContactRow, contacts(len(ODD)))[0]
        insert_all(connection, insert(t.ProfileRow), profiles(first))
        short = rows_of(connection, t.ProfileRow)
        connection.execute(delete(t.ProfileRow))
        connection.execute(insert(t.ProfileRow), profiles(first))
        assert short == rows_of(connection, t.ProfileRow)
        assert len(short) == len(ODD)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["\0", ', "\0"', ODD[7]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2) | st.just("\0"), inner, max_size=3),
)


@given(st.lists(st.lists(JSON, max_size=3) | st.dictionaries(st.text(max_size=2), JSON, max_size=3), max_size=6))
@example([[], ["\0"], {"\0": "\0"}, ["a", "\0"], ["a", "\0", "b"], {}])
def test_values_written_as_json_at_once_are_those_written_one_by_one(values: list[Any]) -> None:
    assert _written(values) == list(map(json.dumps, values))


def test_columns_that_python_fills_in_are_filled_in(database: Database) -> None:
    row = {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 2}
    with database.writing() as connection:
        insert_all(connection, insert(t.RunRow), [row, row])
        (one, other) = rows_of(connection, t.RunRow)
        connection.execute(insert(t.RunRow), row)
        assert rows_of(connection, t.RunRow) == [one, other, one]


def test_a_column_that_is_none_is_refused_and_no_rows_are_none(database: Database) -> None:
    with database.writing() as connection:
        insert_all(connection, insert(t.NewsRow), [])
        with pytest.raises(ValueError, match="kontakt"):
            insert_all(connection, insert(t.NewsRow), [{"kontakt": 1, "recorded_at": AT}])
        assert rows_of(connection, t.NewsRow) == []


def test_rows_that_are_there_are_passed_over_also_within_one_call(database: Database) -> None:
    with database.writing() as connection:
        (id,) = insert_numbered(connection, t.ContactRow, contacts(1))
        keys = [{"kind": "email", "value": value, "contact_id": id} for value in (*ODD, *ODD)]
        insert_new(connection, t.ContactKeyRow, keys[:4])
        insert_new(connection, t.ContactKeyRow, keys)
        assert rows_of(connection, t.ContactKeyRow) == sorted((("email", value, id) for value in ODD), key=repr)


def test_rows_are_numbered_in_their_order_after_those_that_are_there(database: Database) -> None:
    with database.writing() as connection:
        first = insert_numbered(connection, t.ContactRow, contacts(3))
        more = [{"key": f"D-{number}", "recorded_at": AT} for number in range(1_500)]
        numbers = insert_numbered(connection, t.ContactRow, more)
        assert insert_numbered(connection, t.ContactRow, []) == []
        row = t.ContactRow
        there = dict(connection.execute(select(row.key, row.id).where(row.id.in_(numbers))).all())  # type: ignore[arg-type]
        assert there == {one["key"]: number for one, number in zip(more, numbers, strict=True)}
        assert numbers == sorted(numbers)
        assert max(first) < min(numbers)
        connection.execute(insert(row), {"key": "E", "recorded_at": AT})
        assert connection.execute(select(row.id).where(row.key == "E")).scalar_one() > max(numbers)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_is_sent_one_statement_for_all_rows(database: Database) -> None:
    sent: list[bool] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: sent.append(given[-1]))
    with database.writing() as connection:
        del sent[:]
        numbers = insert_numbered(connection, t.ContactRow, contacts(1_000))
        assert sent == [False, False]
        insert_new(connection, t.ContactKeyRow, [{"kind": "email", "value": "a", "contact_id": n} for n in numbers])
    assert sent == [False, False, False]
