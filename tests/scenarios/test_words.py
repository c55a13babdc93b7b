"""Incidents of understanding: a stop that was not recognised, and an automatic answer that was taken for one."""

from __future__ import annotations

from reengage.intake.flags import looks_like_stop
from reengage.model.optout import Standing
from tests.scenarios.book import NOTHING, NOW, Book, people_of, person, signal, talk

UNDERSTOOD = (
    *("unsubscribe", "Unsubscribed", "UNSUBSCRIBE", "un-subscribe please", "opt out", "OPTOUT", "Opt-Out", "opted out"),
    *("do not call", "Do Not Contact", "don't call", "do not email", "DNC", "do_not_mail", "no calls: robinson list"),
    *(
        "remove me",
        "Removal requested",
        "please remove",
        "stop calling",
        "Stop contacting me",
        "stop_emailing",
        "STOP EMAILING",
    ),
    *("blacklist", "Blocklisted", "suppress", "spam complaint", "hostile"),
    *("abgemeldet", "Werbesperre", "Widerspruch", "desabonner"),
)
"""What an answer in a CRM says when it is a stop, as far as it is recognised today."""

PER_SE = ("stop", "STOP", "Stop!", "Stop. Thank you", "quit", "end", "revoke", "REVOKE", "cancel")
"""Words of 47 CFR 64.1200(a)(10), which each mean a stop by themselves; the others among them are understood."""

ABROAD = (
    "désabonner",
    "désinscription",
    "se désinscrire",
    "keine Werbung",
    "darse de baja",
    "disiscrivimi",
    "wypisz mnie",
)


def said(book: Book, phrases: tuple[str, ...], way: str) -> dict[str, Standing]:
    """What becomes of someone of whom each of these phrases is reported, as an answer or as the outcome of a task."""
    people = list(people_of(len(phrases)))
    book.prepare(*people)
    if way == "response":
        told = (talk(f"C-{n}", text, conversation_id=f"S-{n}") for n, text in enumerate(phrases, 1))
        book.take("conversations", *told)
    else:
        keys = {task.contact_key: task.key for task in book.run().tasks}
        book.take("outcomes", *(_outcome(keys[f"C-{n}"], text) for n, text in enumerate(phrases, 1)))
    return {text: book.standing(f"C-{n}") for n, text in enumerate(phrases, 1)}


def _outcome(key: str, text: str) -> dict[str, object]:
    return {"task_key": key, "status": "completed", "at": NOW.isoformat(), "outcome": text}


def still_open(found: dict[str, Standing]) -> list[str]:
    return [text for text, standing in found.items() if not standing.everywhere]


def test_tc_21_an_answer_that_is_or_may_be_a_stop_closes(book: Book) -> None:
    """ "Stop. Thank you" was no stop to a parser that waited for the one word.

    Free text (`their_words`, mails) is not understood here: a later issue brings the words of people. What exists are
    the answers and outcomes that a CRM exports; one that is not known for sure closes until somebody has looked.
    """
    found = said(book, UNDERSTOOD, "response")
    assert still_open(found) == []
    sure = {text for text, standing in found.items() if not standing.provisional}
    assert sure == {"unsubscribe", "UNSUBSCRIBE", "stop calling", "stop_emailing", "STOP EMAILING", "hostile"}


def test_tc_21_an_outcome_that_is_or_may_be_a_stop_closes(book: Book) -> None:
    """The same for what a rep reports of a task."""
    phrases = ("stop", "STOP", *(text for text in UNDERSTOOD if text != "hostile"))[:24]
    assert still_open(said(book, phrases, "outcome")) == []


def test_tc_21_so_do_the_words_that_the_law_names_and_those_of_other_languages(book: Book) -> None:
    """The same for one word alone, in any case and with anything polite around it, here and abroad."""
    assert still_open(said(book, (*PER_SE, *ABROAD), "response")) == []


ORDINARY = (
    "not now",
    "no budget",
    "not interested",
    "already with vendor",
    "wrong person",
    "send email",
    "positive",
    "other",
)
AUTOMATIC = ("out of office", "Out-of-Office", "OUT_OF_OFFICE", "auto reply", "Auto-Reply", "auto_reply")


def test_tc_27_automatic_answers_are_no_stops_and_leave_what_stands(book: Book) -> None:
    """Everybody whose mailbox answered that they were on holiday was recorded as having opted out.

    Mail and its headers (RFC 3834) are not read here; a CRM says that an answer was automatic.
    """
    people = list(people_of(len(AUTOMATIC)))
    book.prepare(*people)
    words = "I am away until Monday. To unsubscribe from these notices, write to IT."
    told = (
        talk(f"C-{n}", text, conversation_id=f"S-{n}", at=NOW.isoformat(), their_words=words, notes="auto-submitted")
        for n, text in enumerate(AUTOMATIC, 1)
    )
    assert book.take("conversations", *told).bad == []
    book.hear(signal("away", keys={"email": "p1@a1.example"}, facts={"page": "/unsubscribe-from-notices"}))
    assert set(book.closes().values()) == {NOTHING}
    assert len(book.run().tasks) == len(AUTOMATIC)


def test_tc_27_ordinary_answers_and_headings_are_no_stops_either(book: Book) -> None:
    """The same for every other no: it makes a hold, and a rule may end it."""
    assert still_open(said(book, ORDINARY, "response")) == list(ORDINARY)
    assert not [
        text for text in (*ORDINARY, *AUTOMATIC, "bounce", "hard bounce", "mailbox full") if looks_like_stop(text)
    ]
    book.take("contacts", person(1, **{"Bounce count": "7", "Last auto reply": "2026-01-01"}))
    assert book.closed("C-1") == NOTHING
