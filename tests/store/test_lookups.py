"""Asking the ledger takes as many statements for hundreds of people as for two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from reengage.model.optout import OptOut
from reengage.model.people import IdentifierKind
from reengage.people.reach import Key
from reengage.store import optouts
from reengage.store.database import Database

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)


def email(number: int) -> Key:
    return IdentifierKind.EMAIL.value, f"ann-{number}@company-{number % 7}.example"


@pytest.mark.parametrize("asked", [2, 400])
def test_a_look_up_takes_as_many_statements_however_many_are_asked_about(database: Database, asked: int) -> None:
    closed = {email(number) for number in range(0, asked, 2)}
    stops = [OptOut(identifier_kind=kind, identifier_value=value, source="test") for kind, value in sorted(closed)]
    with database.deciding() as connection:
        optouts.record(connection, stops, AT)
    told: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    with database.reading() as connection:
        assert optouts.closed_keys(connection, {email(number) for number in range(asked)}) == closed
        assert not any(one.closed for one in optouts.standings(connection, range(1, asked + 1)).values())
    event.remove(database.engine, "before_cursor_execute", listen)
    assert len([one for one in told if one.startswith("SELECT")]) == 3
