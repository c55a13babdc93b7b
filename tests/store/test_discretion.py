"""Whoever said stop is taken out of a text, however the shorter way around telephone numbers goes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from reengage.model.optout import OptOut
from reengage.people.identifiers import lookup_keys
from reengage.people.reach import DIGEST, FOLLOWED_PHONE, Key
from reengage.store import columns as t
from reengage.store import discretion, optouts
from reengage.store.database import Database
from reengage.store.discretion import LINES, discreet
from tests.conftest import KEYS
from tests.people import plainly

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)

CLOSED = ("+4930123456", "+442079460958", "+14155550199", "+33199001234", "+541123456789", "000049301234", "+491511234")
OPEN = ("+4930123457", "+442079460959", "030 654321", "n000001234", "20260601", "2026-06-01 09:00", "+49 89 123456")

NATIONAL = ("30123456", "2079460958", "4155550199", "199001234", "1123456789", "49301234", "1511234", "0930123456")


def plainly_discreet(connection: Connection, texts: list[str]) -> dict[str, str]:
    """The twin: each text by itself, every number read."""
    found = {text: list(plainly.mentions_in(text)) for text in texts if text}
    closed = optouts.closed_keys(connection, {key for some in found.values() for *_, key in some})
    cut = {text: plainly.without(text, [one for one in some if one[2] in closed]) for text, some in found.items()}
    return {text: other for text, other in cut.items() if other != text}


def stop(connection: Connection, *keys: Key) -> None:
    optouts.record(
        connection, [OptOut(identifier_kind=kind, identifier_value=value, source="test") for kind, value in keys], AT
    )


phones = partial(map, lambda number: ("phone", number))


@st.composite
def words(draw: st.DrawFn) -> str:
    """A national number or a part of it, with what may stand around it."""
    before = draw(
        st.sampled_from(
            ("", "0", "(0)", "0 ", "1", "+49 ", "+49", "0049", "44", "+44 (0)", "011", "n", "id-", "00", "000", "+")
        )
    )
    number = draw(st.sampled_from((*NATIONAL, *CLOSED, *OPEN)))
    gap = draw(st.sampled_from(("", "", " ", "-", "/", ".")))
    after = draw(st.sampled_from(("", "", "x", " ext. 12", ".0", "1", "a@b.example", "\n")))
    return f"{before}{number[:3]}{gap}{number[3:]}{after}"


TEXTS = st.lists(
    st.builds(
        " ".join,
        st.lists(st.one_of(words(), st.sampled_from(("ann@a.example", "call", "linkedin.com/in/ann"))), max_size=5),
    ),
    max_size=6,
)


@pytest.mark.parametrize("erased", [False, True], ids=["plain", "with digests"])
def test_the_short_way_takes_out_of_texts_what_the_plain_way_does(database: Database, erased: bool) -> None:
    with database.deciding() as connection:
        stop(connection, *phones(CLOSED), ("email", "ann@a.example"), ("linkedin", "linkedin.com/in/ann"))
        if erased:
            _, *digests = (KEYS.digest(*key) for key in lookup_keys("phone", "+4989123456"))
            filed = [{"kind": DIGEST, "value": digest, "opt_out_id": 1} for digest in digests]
            connection.execute(insert(t.OptOutKeyRow), filed)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(TEXTS)
    def check(texts: list[str]) -> None:
        with database.reading() as connection:
            assert discreet(connection, texts) == plainly_discreet(connection, texts)

    check()
    with database.reading() as connection:
        told = "030/123456, 0207 946 0958, 4155550199, 089 123456"
        assert discreet(connection, [told])[told].count("[withheld]") == 3 + erased


@pytest.mark.parametrize("kind", [FOLLOWED_PHONE, "phone", "phone9"])
def test_a_number_is_closed_by_each_kind_of_key_alone(database: Database, kind: str) -> None:
    with database.deciding() as connection:
        stop(connection, ("email", "ann@a.example"))
        value = "930123456" if kind == "phone9" else "+4930123456"
        connection.execute(insert(t.OptOutKeyRow), [{"kind": kind, "value": value, "opt_out_id": 1}])
        assert discreet(connection, ["ask 030 123456"]) == {"ask 030 123456": "ask [withheld]"}


def test_every_kind_of_key_that_closes_a_number_is_known() -> None:
    assert set(LINES) == {kind for kind, _ in lookup_keys("phone", "+4930123456")} | {FOLLOWED_PHONE}


def test_a_key_too_short_to_tell_and_a_ledger_too_long_to_look_through_leave_nothing_unread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.deciding() as connection:
        stop(connection, ("phone", "00012"), *phones(CLOSED))
        texts = ["a 030 123456 b", "n000001234", "00000012"]
        assert discreet(connection, texts) == plainly_discreet(connection, texts) != {}
        monkeypatch.setattr(discretion, "CHEAPER", 1)
        assert discreet(connection, texts[:1]) == {texts[0]: "a [withheld] b"}


def test_many_texts_are_looked_through_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discretion, "PAGE", 3)
    with database.deciding() as connection:
        stop(connection, *phones(CLOSED), ("email", "ann@a.example"))
        texts = [
            f"{number}: ann@a.example or 030 123456" if number % 2 else f"{number}: nobody" for number in range(20)
        ]
        assert discreet(connection, texts) == plainly_discreet(connection, texts)
        assert len(discreet(connection, texts)) == 10
