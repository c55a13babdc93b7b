"""The ledger of stops as a chain: nothing in it can be changed without being noticed, and nothing has to be readable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from reengage.model.errors import UsageError
from reengage.model.optout import OptOut, StatedBy
from reengage.people.keyring import Keyring, read_keyring
from reengage.store import columns as t
from reengage.store import ledger, optouts, stated
from reengage.store.database import Database, open_database
from tests.conftest import KEYS

AT = datetime(2026, 6, 1, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def written(database: Database) -> Database:
    """Five stops, and the triggers off that would refuse any change: an administrator can do that."""
    stops = [
        OptOut(identifier_kind="email", identifier_value=f"p{n}@a.example", source="a list", their_words="no, thanks")
        for n in range(5)
    ]
    with database.deciding() as connection:
        optouts.record(connection, stops, AT)
        names = ("ledger_keeps_update", "ledger_keeps_delete") if database.is_sqlite else ("ledger_keeps",)
        for name in names:
            connection.execute(text(f"DROP TRIGGER {name}" + ("" if database.is_sqlite else " ON opt_out")))
    return database


def findings(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(ledger.verify(connection))


def test_a_ledger_that_nobody_touched_is_whole(written: Database) -> None:
    assert findings(written) == []
    with written.reading() as connection:
        assert ledger.length(connection) == 5


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("channels", ["post"]),
        ("purpose", "sale_share"),
        ("source", "nobody"),
        ("stated_by", "staff"),
        ("scope", "address"),
        ("effective_at", AT.replace(year=2030)),
        ("received_at", AT.replace(year=2030)),
        ("recorded_at", AT.replace(year=2030)),
        ("subject", "x"),
        ("evidence", "x"),
        ("kind", "provisional"),
        ("hash", "0" * 64),
    ],
)
def test_an_altered_entry_is_named_whatever_was_altered(written: Database, column: str, value: object) -> None:
    with written.deciding() as connection:
        connection.execute(update(t.OptOutRow).where(t.OptOutRow.id == 3).values(**{column: value}))
    assert any("entry 3 was altered" in finding for finding in findings(written))


@pytest.mark.parametrize(
    ("gone", "told"),
    [((2,), "entry 2 is missing"), ((1,), "entry 1 is missing"), ((2, 3), "entries 2 to 3 are missing")],
)
def test_a_removed_entry_is_named(written: Database, gone: tuple[int, ...], told: str) -> None:
    with written.deciding() as connection:
        _remove(connection, gone)
    assert told in findings(written)


def test_a_removed_entry_is_named_although_the_others_were_numbered_anew(written: Database) -> None:
    with written.deciding() as connection:
        _remove(connection, (2,))
        for number in (3, 4, 5):
            _move(connection, number, number - 1)
    assert any(finding.startswith("entry 2 does not follow") for finding in findings(written))


def test_entries_in_another_order_are_named(written: Database) -> None:
    with written.deciding() as connection:
        for one, other in ((2, 99), (3, 2), (99, 3)):
            _move(connection, one, other)
    told = findings(written)
    assert {2, 3} <= {number for number in range(1, 6) if any(f"entry {number} " in finding for finding in told)}


def test_evidence_that_was_changed_or_removed_is_named(written: Database) -> None:
    with written.deciding() as connection:
        connection.execute(update(t.EvidenceRow).where(t.EvidenceRow.opt_out_id == 2).values(their_words="yes, please"))
        connection.execute(delete(t.EvidenceRow).where(t.EvidenceRow.opt_out_id == 4))
    assert findings(written) == ["the evidence of entry 2 was altered", "the evidence of entry 4 was removed"]


def test_without_the_secret_nobody_can_forge_an_entry(url: str, written: Database) -> None:
    other = open_database(written.engine.url.render_as_string(hide_password=False), Keyring((b"x" * 32,)))
    try:
        with other.deciding() as connection:
            ledger.append(connection, [OptOut(identifier_kind="email", identifier_value="z@a.example", source="x")], AT)
    finally:
        other.close()
    assert any("which is not in the key file" in finding for finding in findings(written))


def test_no_word_of_the_person_stands_in_the_chain_itself(written: Database) -> None:
    with written.reading() as connection:
        rows = connection.execute(select(t.OptOutRow.__table__)).all()
    assert not any("example" in str(value) or "thanks" in str(value) for row in rows for value in row)


def test_a_source_that_names_someone_does_not_get_into_the_chain(database: Database) -> None:
    stop = OptOut(
        identifier_kind="email", identifier_value="a@a.example", source="mail of dana@a.example, +44 20 7946 0018"
    )
    with database.deciding() as connection:
        optouts.record(connection, [stop], AT)
        assert connection.execute(select(t.OptOutRow.source)).scalar_one() == "mail of … …"


def test_an_older_secret_still_finds_and_verifies(url: str, database: Database) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    older = open_database(address, Keyring(KEYS.secrets[:1]))
    stop = OptOut(identifier_kind="email", identifier_value="a@a.example", source="a list")
    try:
        with older.deciding() as connection:
            optouts.record(connection, [stop], AT)
    finally:
        older.close()
    with database.deciding() as connection:
        assert stated.unstated(connection, [stop]) == []
    assert findings(database) == []


def test_without_any_secret_nothing_is_added(url: str, database: Database) -> None:
    bare = open_database(database.engine.url.render_as_string(hide_password=False))
    stop = OptOut(identifier_kind="email", identifier_value="a@a.example", source="a list")
    try:
        with pytest.raises(UsageError, match="secret key file is missing"), bare.deciding() as connection:
            optouts.record(connection, [stop], AT)
    finally:
        bare.close()


def test_the_persons_own_words_stand_before_a_mark_that_someone_made(database: Database) -> None:
    with database.deciding() as connection:
        contact = connection.execute(
            insert(t.ContactRow).returning(t.ContactRow.id), {"key": "C-1", "recorded_at": AT}
        ).scalar_one()
        mark = OptOut(contact_id=contact, source="a flag", stated_by=StatedBy.STAFF, effective_at=AT.replace(year=2020))
        optouts.record(connection, [mark], AT)
        assert optouts.standings(connection, [contact])[contact].source == "a flag"
        optouts.record(connection, [OptOut(contact_id=contact, source="their mail")], AT)
        assert optouts.standings(connection, [contact])[contact].source == "their mail"


@pytest.mark.parametrize("line", ["xyz", "ab" * 31, "päss"])
def test_a_line_of_the_key_file_that_is_no_secret_is_named(line: str) -> None:
    with pytest.raises(UsageError, match="file:3: this is no secret of 32 bytes"):
        read_keyring(["# kept in the safe", "ab" * 32, line], "file")


def test_a_digest_depends_on_secret_kind_and_value() -> None:
    one = KEYS.digest("email", "a@a.example")
    assert one.startswith(f"{KEYS.key_id}:")
    assert len({one, KEYS.digest("phone", "a@a.example"), KEYS.digest("email", "b@a.example")}) == 3
    assert one in KEYS.digests("email", "a@a.example")
    assert len(KEYS.digests("email", "a@a.example")) == 2
    assert "secret of" not in repr(KEYS)


def _remove(connection: Connection, numbers: tuple[int, ...]) -> None:
    for table, column in ((t.OptOutKeyRow, "opt_out_id"), (t.EvidenceRow, "opt_out_id"), (t.OptOutRow, "id")):
        connection.execute(delete(table).where(getattr(table, column).in_(numbers)))


def _move(connection: Connection, number: int, to: int) -> None:
    row = connection.execute(select(t.OptOutRow.__table__).where(t.OptOutRow.id == number)).mappings().one()
    evidence = (
        connection.execute(select(t.EvidenceRow.__table__).where(t.EvidenceRow.opt_out_id == number)).mappings().one()
    )
    _remove(connection, (number,))
    connection.execute(insert(t.OptOutRow), {**row, "id": to})
    connection.execute(insert(t.EvidenceRow), {**evidence, "opt_out_id": to})
