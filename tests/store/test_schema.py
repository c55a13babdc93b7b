from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, inspect, text, update

from reengage.model.errors import RunFailed, UsageError
from reengage.model.optout import OptOut
from reengage.store import columns as t
from reengage.store import ledger, migrations, schema
from reengage.store.database import Database, open_database
from reengage.store.schema import REFUSAL, missing_triggers, prepare, require
from tests.conftest import KEYS

AT = datetime(2026, 6, 1, tzinfo=UTC)


def a_contact(connection: Connection, opted_out_of: str | None) -> int:
    contact: int = connection.execute(
        insert(t.ContactRow).returning(t.ContactRow.id), {"key": "C-1", "recorded_at": AT}
    ).scalar_one()
    connection.execute(insert(t.RunRow), {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 0})
    if opted_out_of:
        (entry,) = ledger.append(connection, [OptOut(contact_id=contact, source="test")], AT)
        row = {"contact_id": contact, "channel": opted_out_of, "opt_out_id": entry}
        connection.execute(insert(t.OptedOutRow), row)
    return contact


def a_task(connection: Connection, contact: int, state: str = "open") -> None:
    words = dict.fromkeys(
        ("account", "account_key", "rule", "revision", "trigger", "subject", "note", "owner", "because", "last_words"),
        "x",
    )
    connection.execute(
        insert(t.TaskRow),
        {
            **words,
            "key": "rx-1",
            "run_id": 1,
            "contact_id": contact,
            "channel": "email",
            "priority": "low",
            "due": date(2026, 6, 3),
            "state": state,
            "created_at": AT,
        },
    )


def test_the_database_itself_refuses_a_task_on_a_closed_channel(database: Database) -> None:
    with pytest.raises(RunFailed, match=REFUSAL), database.writing() as connection:
        a_task(connection, a_contact(connection, opted_out_of="email"))


def test_another_channel_stays_open(database: Database) -> None:
    with database.writing() as connection:
        a_task(connection, a_contact(connection, opted_out_of="phone"))
        assert connection.execute(text("SELECT count(*) FROM task")).scalar_one() == 1


def test_a_cancelled_task_cannot_be_opened_again_on_a_closed_channel(database: Database) -> None:
    with database.writing() as connection:
        a_task(connection, a_contact(connection, opted_out_of="email"), state="cancelled")
    with pytest.raises(RunFailed, match=REFUSAL), database.writing() as connection:
        connection.execute(update(t.TaskRow).values(state="open"))


@pytest.mark.parametrize("statement", ["DELETE FROM opt_out", "UPDATE opt_out SET source = 'other'"])
def test_the_ledger_can_only_be_appended_to(database: Database, statement: str) -> None:
    with database.writing() as connection:
        a_contact(connection, opted_out_of="email")
    with pytest.raises(RunFailed, match="only appended to"), database.deciding() as connection:
        connection.execute(text(statement))


def test_preparing_twice_changes_nothing_and_brings_back_a_lost_trigger(database: Database) -> None:
    with database.deciding() as connection:
        lost = "task_gate_insert" if database.is_sqlite else "task_gate"
        connection.execute(text(f"DROP TRIGGER {lost}" + ("" if database.is_sqlite else " ON task")))
        assert missing_triggers(connection, database.is_sqlite) == [lost]
    prepare(database)
    with database.reading() as connection:
        assert missing_triggers(connection, database.is_sqlite) == []


def test_an_unknown_version_is_refused_with_what_to_do(database: Database) -> None:
    with database.deciding() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RunFailed, match=r"schema 9999.*\n.*use the version"):
        prepare(database)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_database_says_what_to_do_first_and_is_prepared(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    opened = open_database(server.create() if server else f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(UsageError, match="import something first"):
        require(opened)
    prepare(opened)
    require(opened)
    opened.close()


@pytest.mark.parametrize("address", ["mysql://x", "not an address"])
def test_other_databases_are_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(UsageError):
        open_database(address)


def shape(connection: Connection) -> dict[str, Any]:
    """Every table with its columns, keys and indexes."""
    found = inspect(connection)
    return {
        table: {
            "columns": {(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)},
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": {(*one["constrained_columns"], one["referred_table"]) for one in found.get_foreign_keys(table)},
            "unique": {tuple(one["column_names"]) for one in found.get_unique_constraints(table)},
            "indexes": {(one["name"], tuple(one["column_names"]), one["unique"]) for one in found.get_indexes(table)},
        }
        for table in found.get_table_names()
    }


def empty_database(kind: str, request: pytest.FixtureRequest, tmp_path: Path, name: str) -> Database:
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    return open_database(server.create() if server else f"sqlite:///{tmp_path / name}", KEYS)


def test_every_schema_there_was_is_brought_up_to_the_present_one() -> None:
    files = (Path(migrations.__file__).parent / "versions").glob("v*.py")
    assert sorted(file.name[1:5] for file in files) == [*schema.OLDER, schema.VERSION]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_database_becomes_what_a_new_one_is_and_keeps_its_rows(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old, new = (empty_database(kind, request, tmp_path, name) for name in ("old.db", "new.db"))
    made = (Path(__file__).parent / "schemas" / f"0001.{kind}.sql").read_text(encoding="utf-8")
    with old.deciding() as connection:
        for statement in filter(str.strip, made.split(";\n")):
            connection.execute(text(statement))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        files = "INSERT INTO file (connector, sha256, path, rows, recorded_at) VALUES (:connector, '1', 'x', 7, :at)"
        for connector in ("leads", "heard by import: crm"):
            connection.execute(text(files), {"connector": connector, "at": "2026-06-01 00:00:00"})
    prepare(old)
    prepare(new)
    with old.reading() as one, new.reading() as other:
        assert shape(one) == shape(other)
        assert one.execute(text("SELECT connector, rows FROM received")).all() == [("leads", 7)]
        assert one.execute(text("SELECT connector FROM file")).all() == [("heard by import: crm",)]
    old.close()
    new.close()
