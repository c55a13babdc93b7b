"""Incidents of one person under many names: a stop held for one of them and not for the next."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from reengage.app.audit import verify
from reengage.app.erase import erase
from reengage.app.explain import explain
from reengage.app.identity import merge
from reengage.engine.durable import InProcess
from reengage.model.words import Channel
from reengage.store import optouts
from tests.app.interleaving import Snapshot
from tests.scenarios.book import DAY, EVERYTHING, NOTHING, NOW, Book, move, people_of, person, signal, talk
from tests.scenarios.test_imports_tighten import LONG_OR_SHORT, ON_ONE_BOOK


def wrong(book: Book) -> list[str]:
    """The contacts for whom what is closed is not what the ledger says."""
    with book.database.reading() as connection:
        return optouts.inconsistent(connection)


def test_tc_07_there_is_one_truth_and_a_query_that_finds_any_other(book: Book) -> None:
    """Somebody stood on the block list and was subscribed to a list at the same time; each half was believed."""
    book.take("contacts", person(1, opted_out="yes"), *(person(number) for number in range(2, 5)))
    book.take("conversations", talk("C-1", "positive"), talk("C-2", "hang_up"), talk("C-3", "unsubscribe"))
    book.take("opt-outs", {"email": "p2@a2.example", "channels": "email"})
    assert [book.closed(f"C-{n}") for n in range(1, 5)] == [EVERYTHING, {Channel.EMAIL}, EVERYTHING, NOTHING]
    assert (wrong(book), verify(book.database).findings) == ([], ())
    with book.database.deciding() as connection:
        connection.execute(text("DELETE FROM opted_out WHERE contact_id = 1 AND channel = 'phone'"))
    assert wrong(book) == ["C-1"]
    assert verify(book.database).findings == ("what is closed for C-1 is not what the ledger says",)


SPELLINGS = (
    *(
        "{}@a.example",
        "John Doe <{}@a.example>",
        '"Doe, John" <{}@a.example>',
        "{}@a.example (John Doe)",
        "<{}@a.example>",
    ),
    *(
        "mailto:{}@a.example",
        "{}@a.example.",
        " {}@a.example ",
        "{}@a.example\u200b",
        "\ufeff{}@a.example",
        "{}@a\u3002example",
    ),
    *("{}+news@a.example", "'{}@a.example'", "{}@A\uff0eexample", "{} @ a.example"),
)


def test_tc_08_every_way_to_write_an_address_names_the_same_person(book: Book) -> None:
    """`John Doe <john_doe@…>` was written to although john_doe@… was on the block list.

    The whole corpus of addresses, phones and profiles is tested in tests/people; here it goes through the imports.
    """
    plain = {n: person(n, email=f"john_doe{n}@a.example") for n in range(2 * len(SPELLINGS))}
    spelled = [form.format(f"john_doe{n}") for n, form in enumerate(SPELLINGS * 2)]
    half = len(SPELLINGS)
    book.take("contacts", *list(plain.values())[:half])
    book.take("opt-outs", *({"email": text} for text in spelled[:half]))
    book.take("opt-outs", *({"email": row["email"]} for row in list(plain.values())[half:]))
    book.take("contacts", *({**row, "email": spelled[n]} for n, row in plain.items() if n >= half))
    book.take("contacts", person(99, email="jоhn_doe0@a.example"))  # a Cyrillic о
    closed = book.closes()
    assert {spelled[n] for n in plain if closed[f"C-{n}"] < EVERYTHING} == set()
    assert closed["C-99"] == NOTHING


def test_tc_11_upper_and_lower_case_name_the_same_person_on_both_sides(book: Book) -> None:
    """Only one side of the comparison had been put into lower case."""
    forms = tuple(product((str.lower, str.upper, str.title, str.swapcase), repeat=2))
    names = {"email": "Dana{}@Initech.example", "linkedin_url": "linkedin.com/in/Dana-{}"}
    contacts, stops = ([], []), ([], [])
    for column, name in names.items():
        for n, (stated, looked_up) in enumerate(forms):
            row = {"contact_id": f"{column}-{n}", "crm_contact_id": f"{column}{n}", column: looked_up(name.format(n))}
            contacts[n % 2].append(row)
            stops[n % 2].append({"email": "", column: stated(name.format(n))})
    book.take("contacts", *contacts[0])
    for half in stops:
        book.take("opt-outs", *half)
    book.take("contacts", *contacts[1])
    found = book.closes()
    assert len(found) == len(forms) * len(names)
    assert {key for key in found if found[key] < EVERYTHING} == set()


def test_tc_13_a_lead_that_becomes_a_contact_keeps_the_strictest_state_of_both(book: Book) -> None:
    """A lead who had opted out was converted, and the contact made of it had not."""
    crm = {"crm_system": "espocrm"}
    book.take("contacts", *(person(n, contact_id=f"L-{n}", **crm, crm_contact_id=f"x{n}") for n in range(1, 5)))
    book.take("contacts", person(1, email="one@new.example"), person(4, email="four@new.example"))
    for key, channel in (
        ("L-1", "email"),
        ("C-1", "phone"),
        ("L-2", "email"),
        ("L-3", "email"),
        ("L-4", "email"),
        ("C-4", "phone"),
    ):
        book.stop(key, channels=(Channel(channel),))
    book.take(
        "contacts",
        {"contact_id": "C-1", "email": "one@new.example", "merged_contact_ids": "L-1", "opted_out": "0"},
        person(2, opted_out="false"),
        {"contact_id": "C-3", "email": "three@new.example", **crm, "crm_contact_id": "x3"},
    )
    merge(book.database, book.project, "C-4", "L-4", NOW, because="the lead became a contact")
    both, by_mail = {Channel.EMAIL, Channel.PHONE}, {Channel.EMAIL}
    due = {"1": both, "2": by_mail, "3": by_mail, "4": both}
    assert book.closes() == {f"{kind}-{n}": found for n, found in due.items() for kind in "LC"}


@pytest.mark.parametrize("way", ["command", "flag"])
def test_tc_13_what_is_said_under_the_id_of_the_lead_still_counts(book: Book, way: str) -> None:
    """The same with a stop that comes under the old id, from a person or from a list that was not brought up to date."""
    book.take("contacts", person(1, contact_id="L-1"), person(1, email="one@new.example"))
    book.take("contacts", {"contact_id": "C-1", "email": "one@new.example", "merged_contact_ids": "L-1"})
    book.stop("L-1") if way == "command" else book.take("contacts", person(1, contact_id="L-1", opted_out="yes"))
    assert book.closed("C-1") == EVERYTHING


PEOPLE = 5
steps = st.one_of(
    st.tuples(
        st.just("stop"), st.integers(1, PEOPLE), st.sampled_from(((), (Channel.EMAIL,), (Channel.PHONE, Channel.SMS)))
    ),
    st.tuples(st.just("merge"), st.integers(1, PEOPLE), st.integers(1, PEOPLE)).filter(lambda step: step[1] != step[2]),
)


@LONG_OR_SHORT
def test_tc_14_a_merge_joins_what_was_closed_in_any_order_and_any_tree(book: Book, examples: int) -> None:
    """Of two merged records the one that was kept had not unsubscribed, so from then on neither had."""
    book.take("contacts", *people_of(PEOPLE))
    start = Snapshot(book.database, "start")

    @settings(ON_ONE_BOOK, max_examples=examples)
    @given(st.lists(steps, min_size=2, max_size=7))
    @example([("stop", 1, (Channel.EMAIL,)), ("merge", 3, 2), ("stop", 2, (Channel.PHONE,)), ("merge", 3, 1)])
    def live(told: list[tuple[str, int, Any]]) -> None:
        start.restore()
        human = {number: {number} for number in range(1, PEOPLE + 1)}
        said: dict[int, set[str]] = {number: set() for number in human}
        for what, one, other in told:
            if what == "stop":
                book.stop(f"C-{one}", channels=other)
                said[one] |= set(other or (*Channel, "sharing"))
            else:
                merge(book.database, book.project, f"C-{one}", f"C-{other}", NOW, because="one human")
                human |= dict.fromkeys(joined := human[one] | human[other], joined)
        union = {f"C-{number}": frozenset().union(*(said[mate] for mate in human[number])) for number in human}
        assert book.closes() == union
        assert wrong(book) == []

    live()


SEVEN = (
    {"contact_id": "R-1", "first_name": "Dana", "last_name": "Reyes", "email": "dana@one.example"},
    {
        "contact_id": "R-2",
        "first_name": "D.",
        "last_name": "Reyes",
        "email": "DANA+x@one.example",
        "phone": "020 7946 0018",
    },
    {
        "contact_id": "R-3",
        "first_name": "Dana",
        "last_name": "Reyes",
        "phone": "+442079460018",
        "linkedin_url": "linkedin.com/in/dana-r",
    },
    {
        "contact_id": "R-4",
        "linkedin_url": "https://uk.linkedin.com/in/Dana-R/?x=1",
        "crm_contact_id": "77",
        "crm_system": "old",
    },
    {"contact_id": "R-5", "crm_contact_id": "77", "crm_system": "Old", "email": "d.reyes@two.example"},
    {"contact_id": "R-6", "email": "d.reyes@two.example;reyes@three.example"},
    {"contact_id": "R-7", "email": "dana@four.example"},
)
MEETS = signal("meets", keys={"emails": ["reyes@three.example", "dana@four.example"]})


def test_tc_18_one_stop_reaches_all_seven_records_of_a_person(book: Book) -> None:
    """A person stood in the list several times; unsubscribing took out one of the records."""
    for row in SEVEN:
        book.take("contacts", row)
    book.take("contacts", person(8))
    book.hear(MEETS)
    start = Snapshot(book.database, "seven")
    for hit in SEVEN[::2]:
        start.restore()
        book.stop(hit["contact_id"])
        open_ones = {key for key, found in book.closes().items() if found < EVERYTHING}
        assert open_ones == {"C-8"}, f"a stop of {hit['contact_id']}"


def test_tc_18_also_when_the_records_come_after_the_stop(book: Book) -> None:
    """The same for records that are not there yet when the person says stop."""
    book.stop("dana@one.example")
    for row in SEVEN:
        book.take("contacts", row)
    book.hear(MEETS)
    assert {key for key, found in book.closes().items() if found < EVERYTHING} == set()


def test_tc_19_someone_deleted_or_erased_who_comes_again_is_still_closed(book: Book) -> None:
    """A profile was made anew with an unsubscribed address and went through the whole welcome series."""
    rows = (person(1, phone="+44 20 7946 0018"), person(2, linkedin_url="linkedin.com/in/eve-gold"))
    book.prepare(*rows, person(3))
    for n in (1, 2):
        book.stop(f"C-{n}")
        erase(book.database, book.project, f"C-{n}", NOW + DAY)
    again = (
        person(4, email="P1+again@A1.example"),
        person(5, phone="020 7946 0018", first_name="", last_name=""),
        person(6, linkedin_url="https://www.linkedin.com/in/Eve-Gold/"),
        person(1),
    )
    for row in again:
        book.take("contacts", row, at=NOW + 2 * DAY)
    here = set(book.closes())
    book.take("conversations", *(talk(key, conversation_id=f"N-{key}") for key in sorted(here)), at=NOW + 2 * DAY)
    book.hear(*(move(f"p{n}@a{n}.example", id=f"n{n}") for n in range(1, 7)), at=NOW + 2 * DAY)
    summary = book.run(NOW + 3 * DAY)
    book.export(at=NOW + 3 * DAY)
    assert [task.contact_key for task in summary.tasks] == ["C-3"]
    assert {key for key, found in book.closes().items() if found < EVERYTHING} == {"C-3"}
    for key in sorted(here - {"C-3"}):
        assert explain(book.database, book.project, key, NOW + 3 * DAY, InProcess).refusal
