"""Look-ups by one parameter find what a list of them finds."""

from __future__ import annotations

from sqlalchemy import select

from reengage.store import columns as t
from reengage.store.database import Database
from reengage.store.inserts import insert_new, insert_numbered
from reengage.store.versions import among
from tests.store.test_inserts import ODD, contacts


def test_a_look_up_by_one_parameter_finds_what_a_list_of_them_does(database: Database) -> None:
    values = [*ODD, "not there", *ODD]
    values += ["nul \0 inside", "nul"] if database.is_sqlite else []
    with database.writing() as connection:
        (id,) = insert_numbered(connection, t.ContactRow, contacts(1))
        mine = [{"kind": "email", "value": value, "contact_id": id} for value in values[::2]]
        insert_new(connection, t.ContactKeyRow, mine)
        value = t.ContactKeyRow.value
        for asked in (values, values[:1], [], [*ODD, "nul"]):
            found = set(connection.execute(select(value).where(among(connection, value, asked))).scalars())
            assert found == set(connection.execute(select(value).where(value.in_(asked))).scalars())
