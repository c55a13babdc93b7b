"""Incidents of reach: a stop covered too little or too much, was outranked, or ran out."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from reengage.app.review import answer, open_questions
from reengage.model.errors import UsageError
from reengage.model.optout import EntryKind, Purpose, StatedBy
from reengage.model.words import Channel
from reengage.store import columns as t
from tests.scenarios.book import DAY, EVERYTHING, NOTHING, NOW, Book, move, people_of, person, signal, talk


def told_by(book: Book) -> set[str]:
    """Whose entries stand behind what is closed for C-1."""
    stated = {row.id: row.stated_by for row in book.rows(t.OptOutRow)}
    return {stated[row.opt_out_id] for row in book.rows(t.OptedOutRow) if row.contact_id == 1}


@pytest.mark.parametrize("first", ["person", "staff"])
def test_tc_04_a_mark_by_staff_neither_replaces_nor_lowers_what_the_person_said(book: Book, first: str) -> None:
    """A manual mark overwrote the person's own unsubscribe, and somebody then took the mark away."""
    book.take("contacts", person(1))

    def marks() -> None:
        book.stop("C-1", NOW + DAY, channels=(Channel.PHONE,))
        book.take("contacts", person(1, opted_out="perhaps"), at=NOW + DAY)

    if first == "staff":
        marks()
    book.take("conversations", talk("C-1", "unsubscribe", their_words="stop this"))
    marks()
    assert told_by(book) == {StatedBy.PERSON}
    assert book.standing("C-1").source == "import conversations"
    for question in open_questions(book.database):
        answer(book.database, book.project, question.id, "reject", "a slip of ours", NOW + 2 * DAY)
    assert (book.closed("C-1"), told_by(book)) == (EVERYTHING, {StatedBy.PERSON})
    with pytest.raises(UsageError, match="not open"):
        answer(book.database, book.project, f"stop-{_own_entry(book)}", "reject", "please", NOW + 2 * DAY)


def _own_entry(book: Book) -> int:
    own = (
        row.id for row in book.rows(t.OptOutRow) if row.stated_by == StatedBy.PERSON and row.kind == EntryKind.OPT_OUT
    )
    return next(own)


SUBJECTS = ("person", "email", "phone", "domain", "company")
CHANNELS: tuple[tuple[Channel, ...], ...] = ((), *((channel,) for channel in Channel))
COVERS = {
    "person": {"themselves"},
    "email": {"themselves"},
    "phone": {"themselves"},
    "domain": {"colleague", "newcomer"},
    "company": {"colleague", "newcomer"},
}
"""Whom a stop of each subject closes: someone who has moved on since, a colleague, a newcomer, a leaver."""


def test_tc_23_a_stop_closes_what_its_scope_says_for_whom_it_says_and_nothing_else(book: Book) -> None:
    """A stop for one series closed all of them, and one member's unsubscribing the campaign for everyone."""
    cases = dict(enumerate(product(SUBJECTS, CHANNELS, Purpose)))
    book.take("contacts", *(row for n in cases for row in _staff(n)))
    for n, (subject, channels, purpose) in cases.items():
        if subject == "person":
            book.stop(f"themselves-{n}", channels=channels, purpose=purpose)
    book.take("opt-outs", *(_line(n, *case) for n, case in cases.items() if case[0] != "person"))
    book.take("contacts", *(_at_work(n, "newcomer") for n in cases), at=NOW + DAY)
    book.hear(*(_leaves(n, who) for n in cases for who in ("leaver", "themselves")), at=NOW + DAY)
    closed = book.closes()
    wrong = []
    for n, (subject, channels, purpose) in cases.items():
        closes = {"sharing"} if purpose == Purpose.SALE_SHARE else set(channels) or {*EVERYTHING, "sharing"}
        for who in ("themselves", "colleague", "newcomer", "leaver"):
            due = closes if who in COVERS[subject] else set()
            if closed[f"{who}-{n}"] != due:
                wrong.append((subject, channels, purpose, who, sorted(closed[f"{who}-{n}"])))
    assert wrong == []
    assert len(cases) == 60


def _staff(n: int) -> list[dict[str, object]]:
    return [_at_work(n, who) for who in ("themselves", "colleague", "leaver")]


def _at_work(n: int, who: str) -> dict[str, object]:
    line = {"phone": f"+4420794{6000 + n}"} if who == "themselves" else {}
    return person(n, contact_id=f"{who}-{n}", first_name=who, last_name=f"Nr{n}", email=f"{who}@a{n}.example", **line)


def _line(n: int, subject: str, channels: tuple[Channel, ...], purpose: Purpose) -> dict[str, object]:
    names: dict[str, str] = {
        "email": f"themselves@a{n}.example",
        "phone": f"020 794 {6000 + n}",
        "domain": f"a{n}.example",
        "company": f"COMPANY {n}, Ltd.",
    }
    return {"email": "", subject: names[subject], "channels": ";".join(channels), "purpose": purpose}


def _leaves(n: int, who: str) -> dict[str, Any]:
    places = {"new_company": f"Next {n}", "new_domain": f"next{n}.example", "previous_company": f"Company {n}"}
    keys = {"emails": [f"{who}@a{n}.example", f"{who}@next{n}.example"]}
    return signal(f"{who}-{n}", "job_change", keys=keys, facts={**places, "new_title": "VP Sales"})


def test_tc_30_ten_years_on_whoever_said_stop_is_still_closed(book: Book) -> None:
    """A suppression ran out after thirty days, and another was cleared by a mail that happened to get through."""
    book.prepare(*people_of(4))
    book.stop("C-1")
    book.take("opt-outs", {"email": "p2@a2.example"})
    book.take("conversations", talk("C-3", "unsubscribe", conversation_id="K-9"))
    later = NOW.replace(year=NOW.year + 10)
    book.take("contacts", *people_of(4), at=later)
    fresh = (later - DAY).isoformat()
    book.hear(*(move(f"p{n}@a{n}.example", id=f"later-{n}", time=fresh) for n in range(1, 5)), at=later)
    summary = book.run(later)
    assert [task.contact_key for task in summary.tasks] == ["C-4"]
    assert book.export(at=later).tasks == 1
    assert [book.closed(f"C-{n}") for n in range(1, 5)] == [EVERYTHING] * 3 + [NOTHING]
