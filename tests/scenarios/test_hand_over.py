"""Incidents on the way out: something left although the person had said stop in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from reengage.app.identity import merge
from reengage.delivery.targets import TARGETS
from reengage.model.errors import RunFailed
from tests.scenarios.book import DAY, NOTHING, NOW, Book, move, people_of, person, signal, talk

EVE = person(2, phone="+44 20 7946 0018", linkedin_url="https://www.linkedin.com/in/eve-gold/")
NAMES = ("p2@a2.example", "7946 0018", "79460018", "eve-gold")


def test_tc_01_a_stop_between_the_run_and_the_export_leaves_nothing_to_export(book: Book) -> None:
    """Someone unsubscribed while a message to them waited in a queue that nobody looked at again, and it went out."""
    book.prepare(*people_of(7))
    (key,) = (task.key for task in book.run().tasks if task.contact_key == "C-5")
    book.stop("C-1")
    book.take("opt-outs", {"email": "P2@A2.example"})
    book.take("contacts", person(3, opted_out="yes"))
    book.take("conversations", talk("C-4", "unsubscribe", conversation_id="K-9"))
    book.take("outcomes", {"task_key": key, "status": "completed", "outcome": "stop"})
    book.hear(signal("stop", "opt_out", keys={"email": "p6@a6.example"}))
    done = {target: book.export(target) for target in TARGETS}
    assert {target: one.tasks + one.incomplete for target, one in done.items()} == dict.fromkeys(TARGETS, 1)
    assert "C-7" in book.exported()
    assert not [number for number in range(1, 7) if f"C-{number}" in book.exported()]


def test_tc_03_a_stop_ends_every_task_timer_and_snooze_of_the_person_in_its_own_transaction(book: Book) -> None:
    """What had been planned before somebody unsubscribed, later mails of a series included, ran on as if nothing was."""
    book.prepare(*people_of(2))
    promised = (NOW + 30 * DAY).date().isoformat()
    book.take("conversations", talk("C-1", conversation_id="K-9", call_back_on=promised), talk("C-2", "no_budget"))
    book.hear(move("p1@a1.example", id="new", facts={"new_company": "Umbrella", "previous_company": "Company 1"}))
    book.run()
    book.export()
    merge(book.database, book.project, "C-1", "C-2", NOW, because="same person")
    before = book.states()
    with pytest.raises(RunFailed, match="power"), _power_cut(book):
        book.stop("C-2")
    assert (book.states(), book.closed("C-1")) == (before, NOTHING)
    book.stop("C-2")
    assert set(book.states().values()) == {"cancelled"}
    for days in (31, 90):
        assert book.run(NOW + days * DAY).tasks == ()
        assert book.export(at=NOW + days * DAY).tasks == 0


@contextmanager
def _power_cut(book: Book) -> Iterator[None]:
    """Nothing can be committed."""

    def fail(_: object) -> None:
        raise RunFailed("a power cut")

    event.listen(book.database.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(book.database.engine, "commit", fail)


def test_tc_10_what_the_crm_still_reports_after_a_stop_opens_nothing_again(book: Book) -> None:
    """The log said that a message was cancelled for a blocked address, and a second sender had delivered it."""
    book.prepare(person(1))
    (task,) = book.run().tasks
    book.export()
    book.stop("C-1", NOW + DAY)
    book.take("outcomes", _late(task.key), at=NOW + 3 * DAY)
    assert book.states() == {"C-1": "cancelled"}
    assert book.export(at=NOW + 3 * DAY).recalls == 1
    assert book.run(NOW + 3 * DAY).tasks == ()


def test_tc_10_activity_after_a_stop_is_told_as_an_incident(book: Book) -> None:
    """The same: whoever takes the report in has to be told that somebody was contacted after their stop."""
    book.prepare(person(1))
    (task,) = book.run().tasks
    book.export()
    book.stop("C-1", NOW + DAY)
    told = book.take("outcomes", _late(task.key), at=NOW + 3 * DAY).remarks
    spoke = talk("C-1", "positive", conversation_id="K-9", at=(NOW + 2 * DAY).isoformat())
    told_too = book.take("conversations", spoke, at=NOW + 3 * DAY).remarks
    assert told
    assert told_too


def _late(key: str) -> dict[str, object]:
    return {"task_key": key, "status": "completed", "at": (NOW + 2 * DAY).isoformat(), "outcome": "conversation"}


def handed_over(book: Book) -> str:
    """Everything that the next run and an export to every target put into files."""
    book.run()
    for target in TARGETS:
        book.export(target)
    return book.exported().lower()


def leaks(text: str) -> set[str]:
    return {name for name in NAMES if name in text}


def speak_of_her(book: Book, *told: dict[str, object]) -> None:
    """People with a task to come, one for each of these conversations, which mention C-2."""
    book.take("contacts", EVE)
    people = [person(number, crm_system="espocrm", crm_contact_id=f"c{number}") for number, _ in enumerate(told, 10)]
    book.prepare(*people)
    book.take("conversations", *(talk(f"C-{n}", conversation_id=f"S-{n}", **one) for n, one in enumerate(told, 10)))


def test_tc_22_an_address_of_someone_else_who_said_stop_is_in_no_file(book: Book) -> None:
    """A suppressed address was taken out of the recipients, and stood in the copy line all the same."""
    speak_of_her(book, {"referred_to": "Eve <P2@a2.example>"}, {"notes": "ask p2@a2.example first"})
    book.stop("C-2")
    text = handed_over(book)
    assert {"c-10", "c-11"} <= set(re.findall(r"c-\d+", text))
    assert leaks(text) == set()


def test_tc_22_before_they_say_stop_they_are_in_the_files(book: Book) -> None:
    """The same book without the stop, so that the checks beside this one can fail."""
    speak_of_her(book, {"referred_to": "p2@a2.example", "notes": "+44 20 7946 0018, linkedin.com/in/eve-gold"})
    assert leaks(handed_over(book)) >= {"p2@a2.example", "7946 0018", "eve-gold"}


def test_tc_22_nor_is_a_number_or_a_profile_of_theirs(book: Book) -> None:
    """The same for the other names by which somebody can be reached."""
    names = ("+44 20 7946 0018", "https://uk.linkedin.com/in/Eve-Gold")
    speak_of_her(book, *({field: f"Eve, {name}"} for field in ("referred_to", "notes") for name in names))
    book.stop("C-2")
    assert leaks(handed_over(book)) == set()


def test_tc_22_nor_does_an_address_leave_in_any_other_text_of_a_conversation(book: Book) -> None:
    """The same for the words that a task quotes, and those that a rule's subject takes over."""
    speak_of_her(book, *({field: "p2@a2.example"} for field in ("their_words", "topic", "vendor", "recording_url")))
    book.stop("C-2")
    assert leaks(handed_over(book)) == set()


def test_tc_22_nor_in_what_a_signal_says(book: Book) -> None:
    """The same for the facts of a signal, which become the reason and the evidence of a task."""
    speak_of_her(book, {"topic": "crm"})
    facts = {"new_company": "Umbrella", "new_title": "VP, assistant p2@a2.example", "previous_company": "Company 10"}
    book.hear(move("p10@a10.example", id="new", time=NOW.isoformat(), facts=facts))
    book.stop("C-2")
    assert leaks(handed_over(book)) == set()


def test_tc_22_nor_where_their_stop_comes_between_the_run_and_the_export(book: Book) -> None:
    """The same with a stop that comes when the text is written and has not left."""
    speak_of_her(book, {"referred_to": "p2@a2.example"})
    book.run()
    book.stop("C-2")
    assert leaks(handed_over(book)) == set()
