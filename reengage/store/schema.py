"""Making the tables, and the triggers that are the last line before a task for someone who said stop."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from reengage.model.errors import RunFailed, UsageError
from reengage.store import columns  # noqa: F401, so that every table is known
from reengage.store.database import Database

VERSION = "0005"
"""The schema this version of reengage reads and writes."""

OLDER = tuple(f"{number:04}" for number in range(1, int(VERSION)))
"""Schemas that are brought up to it: every one there was."""

REFUSAL = "reengage: this contact has opted out"
"""What the database says when it refuses such a task."""

_CLOSED = "EXISTS (SELECT 1 FROM opted_out o WHERE o.contact_id = NEW.contact_id AND o.channel = NEW.channel)"

_OPEN_REPLY = f"NEW.state = 'open' AND NEW.kind NOT IN ('confirmation', 'escalation') AND {_CLOSED}"

_SQLITE = (
    "DROP TRIGGER IF EXISTS reply_gate_insert",
    "DROP TRIGGER IF EXISTS reply_gate_update",
    f"CREATE TRIGGER reply_gate_insert BEFORE INSERT ON sla_reply WHEN {_OPEN_REPLY} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER reply_gate_update BEFORE UPDATE OF state, kind, contact_id, channel ON sla_reply "
    f"WHEN {_OPEN_REPLY} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "DROP TRIGGER IF EXISTS task_gate_insert",
    "DROP TRIGGER IF EXISTS task_gate_update",
    "DROP TRIGGER IF EXISTS ledger_keeps_update",
    "DROP TRIGGER IF EXISTS ledger_keeps_delete",
    f"CREATE TRIGGER task_gate_insert BEFORE INSERT ON task WHEN NEW.state IN ('open', 'delivered') AND {_CLOSED} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "CREATE TRIGGER task_gate_update BEFORE UPDATE OF state, contact_id, channel ON task "
    f"WHEN NEW.state IN ('open', 'delivered') AND {_CLOSED} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "CREATE TRIGGER ledger_keeps_update BEFORE UPDATE ON opt_out "
    "BEGIN SELECT RAISE(ABORT, 'reengage: the opt-out ledger is only appended to'); END",
    "CREATE TRIGGER ledger_keeps_delete BEFORE DELETE ON opt_out "
    "BEGIN SELECT RAISE(ABORT, 'reengage: the opt-out ledger is only appended to'); END",
)

_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION reengage_task_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('open', 'delivered') AND {_CLOSED} THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION reengage_reply_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_OPEN_REPLY} THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
  RETURN NEW;
END $$""",
    """CREATE OR REPLACE FUNCTION reengage_ledger_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'reengage: the opt-out ledger is only appended to'; END $$""",
    "DROP TRIGGER IF EXISTS task_gate ON task",
    "DROP TRIGGER IF EXISTS reply_gate ON sla_reply",
    "DROP TRIGGER IF EXISTS ledger_keeps ON opt_out",
    "CREATE TRIGGER task_gate BEFORE INSERT OR UPDATE OF state, contact_id, channel ON task "
    "FOR EACH ROW EXECUTE FUNCTION reengage_task_gate()",
    "CREATE TRIGGER reply_gate BEFORE INSERT OR UPDATE OF state, kind, contact_id, channel ON sla_reply "
    "FOR EACH ROW EXECUTE FUNCTION reengage_reply_gate()",
    "CREATE TRIGGER ledger_keeps BEFORE UPDATE OR DELETE ON opt_out "
    "FOR EACH ROW EXECUTE FUNCTION reengage_ledger_keeps()",
)


def prepare(database: Database) -> None:
    """Bring the tables up to date and create the triggers anew; raises RunFailed for a schema we do not know."""
    with database.deciding(journaled=False) as connection:
        found = version_of(connection)
        if found is None and inspect(connection).has_table("task"):
            raise RunFailed("this database has tables but no schema version", help="point reengage.toml to another one")
        if found not in (None, VERSION, *OLDER):
            raise RunFailed(
                f"this database has schema {found}, this reengage knows {VERSION}",
                help="use the version of reengage that wrote it, or start a new database",
            )
        if found != VERSION:
            _upgrade(connection, found)
        for statement in _SQLITE if database.is_sqlite else _POSTGRESQL:
            connection.execute(text(statement))


def require(database: Database) -> None:
    """Raise UsageError where the database was never prepared; makes no file where there is none."""
    if database.is_missing or _is_empty(database):
        raise UsageError("the database is empty", help="import something first: reengage import contacts FILE.csv")


def _is_empty(database: Database) -> bool:
    with database.reading() as connection:
        return version_of(connection) is None


def version_of(connection: Connection) -> str | None:
    """The schema version of a database, or None for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def missing_triggers(connection: Connection, is_sqlite: bool) -> list[str]:
    """The safety triggers that are not there."""
    if is_sqlite:
        wanted = {f"{name}_{verb}" for name in ("task_gate", "reply_gate") for verb in ("insert", "update")}
        wanted |= {"ledger_keeps_update", "ledger_keeps_delete"}
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted = {"task_gate", "reply_gate", "ledger_keeps"}
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return sorted(wanted - {str(row[0]) for row in connection.execute(text(query))})


def _upgrade(connection: Connection, found: str | None) -> None:
    """Make a new database whole, or bring an older one up to date."""
    from alembic import command  # needed once in a version's life, and slow to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    if found is None:
        SQLModel.metadata.create_all(connection)
        command.stamp(config, VERSION)
    else:
        command.upgrade(config, VERSION)
