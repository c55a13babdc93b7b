"""Incidents of imports and syncs: what came in later took a stop away, or never understood it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from reengage.app.review import open_questions
from reengage.model.errors import ReengageError, UsageError
from reengage.model.words import Channel
from tests.app.interleaving import Snapshot
from tests.scenarios.book import DAY, EVERYTHING, NOTHING, NOW, Book, Known, move, people_of, person, signal, talk

ON_ONE_BOOK = settings(
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow],
)
LONG_OR_SHORT = pytest.mark.parametrize("examples", [4, pytest.param(500, marks=pytest.mark.lab)])
SURE = ("TRUE", "true", "1", "yes", "Y", "x", "X", "opted out", "Opted  Out", "OPTED-OUT", "opted_out")
NO_OPINION = ("", "false", "FALSE", "0", "no", "N", " ")
DOUBTFUL = ("2", "?", "n/a", "see notes", "maybe", "wahr", "oui", "sí", "Unsubscribed 2024-02-01", "=TRUE()", "-1")


def test_tc_05_an_opt_out_column_in_every_spelling_closes_and_doubt_closes_until_somebody_looks(book: Book) -> None:
    """A column of do-not-contact marks was passed over in an import, at least three times in one product.

    The reference would fail a row whose mark cannot be read; here its person is taken in and closed provisionally.
    """
    flags = dict(enumerate((*SURE, *NO_OPINION, *DOUBTFUL)))
    report = book.take("contacts", *(person(number, Opted_Out=flag) for number, flag in flags.items()))
    assert (report.changed, report.bad, report.ignored) == (len(flags), [], ())
    found = {flag: book.standing(f"C-{number}") for number, flag in flags.items()}
    assert [flag for flag in SURE if not found[flag].everywhere or found[flag].provisional] == []
    assert [flag for flag in NO_OPINION if found[flag].closed] == []
    assert [flag for flag in DOUBTFUL if not found[flag].everywhere or not found[flag].provisional] == []
    assert len(open_questions(book.database)) == len(DOUBTFUL)


def test_tc_05_an_opt_out_column_that_is_not_mapped_imports_nothing(book: Book) -> None:
    """The same where the heading is one that nobody has told us of."""
    for heading in ("HasOptedOutOfEmail", "DoNotCall", "Unsubscribed", "Do not contact", "DNC", "Robinson"):
        with pytest.raises(ReengageError, match=f'"{heading}" looks like an opt-out'):
            book.take("contacts", person(1, **{heading: "TRUE"}))
    assert book.closes() == {}


def test_tc_05_an_opt_out_column_of_ones_own_closes_the_channel_it_is_mapped_to(book: Book) -> None:
    """The same where it is mapped; one mark of several is enough."""
    mapped = {"HasOptedOutOfEmail": "opted_out.email", "DoNotCall": "opted_out.phone"}
    own = Book(
        book.database,
        Known(folder=book.project.folder, database_url="", settings=book.project.settings, columns=mapped),
    )
    own.take(
        "contacts",
        person(1, DoNotCall="TRUE", HasOptedOutOfEmail="0"),
        person(2, DoNotCall="1", HasOptedOutOfEmail="yes"),
    )
    assert (own.closed("C-1"), own.closed("C-2")) == ({Channel.PHONE}, {Channel.PHONE, Channel.EMAIL})


numbers = st.integers(1, 3)
flags = st.sampled_from((None, "", "yes", "no", "0", "TRUE", "who knows"))
emails = st.builds(
    lambda number, form: form.format(number), numbers, st.sampled_from(("p{0}@a{0}.example", "P{0}+x@A{0}.example"))
)
channel_cells = st.sampled_from(("", "email", "phone;sms", "fax"))
moments = st.sampled_from(("", "2026-02-01", "1969-12-31", "2099-01-01", "soon"))


def contact_row(number: int, email: str, flag: str | None, name: str) -> dict[str, object]:
    row = person(number, email=email, first_name=name or f"First{number}")
    return row if flag is None else {**row, "opted_out": flag}


imports = st.one_of(
    st.tuples(st.just("contacts"), st.builds(contact_row, numbers, emails, flags, st.sampled_from(("", "First1")))),
    st.tuples(
        st.just("opt-outs"),
        st.fixed_dictionaries({"email": emails, "channels": channel_cells, "at": moments}),
    ),
    st.tuples(
        st.just("conversations"),
        st.builds(
            lambda number, id, response: talk(f"C-{number}", response, conversation_id=f"K-{id}"),
            *(
                numbers,
                numbers,
                st.sampled_from(("positive", "not_now", "unsubscribe", "stop_emailing", "opted out", "")),
            ),
        ),
    ),
)


@LONG_OR_SHORT
def test_tc_06_no_import_in_any_order_opens_what_was_closed(book: Book, examples: int) -> None:
    """An import that overwrites, as it does by default, made people who had unsubscribed subscribers again."""
    book.take("contacts", *people_of(3))
    start = Snapshot(book.database, "start")

    @settings(ON_ONE_BOOK, max_examples=examples)
    @given(st.lists(imports, min_size=1, max_size=5), st.sampled_from((None, 1, 2)))
    def live(told: list[tuple[str, dict[str, Any]]], consenting: int | None) -> None:
        start.restore()
        if consenting:
            book.stop("C-1", NOW - 9 * DAY, words="stop")
            book.consent("C-1", NOW - 8 * DAY, channels=() if consenting == 1 else (Channel.EMAIL,))
        for kind, row in told:
            before = book.closes()
            book.take(kind, row)
            after = book.closes()
            assert {key for key in before if not before[key] <= after[key]} == set()

    live()


def test_tc_06_a_new_stop_after_a_consent_closes_again(book: Book) -> None:
    """The reverse: a stop that reads like an earlier one must not be taken for it when a consent lies between."""
    book.take("contacts", *people_of(4))
    for days in (0, 4):
        at = NOW + days * DAY
        book.stop("C-1", at, words="stop")
        book.take("opt-outs", {"email": "p2@a2.example", "at": at.isoformat()}, at=at)
        again = talk("C-3", "unsubscribe", conversation_id=f"stop-{days}", at=at.isoformat())
        book.take("conversations", again, at=at)
        book.hear(signal(f"{days}", "opt_out", keys={"email": "p4@a4.example"}, time=at.isoformat()), at=at)
        assert set(book.closes().values()) == {EVERYTHING | {"sharing"}}
        if not days:
            assert [book.consent(f"C-{n}", NOW + 2 * DAY) > 0 for n in range(1, 5)] == [True] * 4
            assert set(book.closes().values()) == {NOTHING}


def test_tc_09_one_of_several_addresses_in_a_field_closes_the_whole_person(book: Book) -> None:
    """Two addresses stood in one field, and the list of exclusions was asked about neither."""
    cells = (
        "one@x.example; two@x.example",
        "three@x.example, four@x.example",
        '"Doe, J" <five@x.example>;six@x.example',
    )
    book.take("contacts", *(person(number, email=cell) for number, cell in enumerate(cells)), person(3))
    book.take("opt-outs", {"email": "two@x.example;four@x.example"}, {"email": "SIX@x.example"})
    assert [book.closed(f"C-{number}") for number in range(4)] == [EVERYTHING] * 3 + [NOTHING]


SEPARATORS = ("\n", " ", "/", " / ", "|", " and ", "\t")


def test_tc_09_however_the_addresses_in_a_field_are_parted(book: Book) -> None:
    """The same with line breaks, slashes and words between them; a cell that is not understood still says no."""
    book.take(
        "contacts", *(person(n, email=f"{way}{n}@x.example", contact_id=f"{way}{n}") for way in "ab" for n in range(7))
    )
    book.take("opt-outs", *({"email": f"a{n}@x.example{sign}b{n}@x.example"} for n, sign in enumerate(SEPARATORS)))
    assert {key for key, found in book.closes().items() if not found} == set()


def test_tc_09_also_in_a_row_of_contacts_that_is_marked(book: Book) -> None:
    """The same for a row that cannot be taken in, whose person comes again under another id."""
    rows = (
        person(n, email=f"a{n}@x.example{sign}b{n}@x.example", opted_out="yes") for n, sign in enumerate(SEPARATORS)
    )
    assert len(book.take("contacts", *rows).bad) == len(SEPARATORS)
    book.take("contacts", *(person(n, email=f"b{n}@x.example", contact_id=f"new-{n}") for n in range(len(SEPARATORS))))
    assert {key for key, found in book.closes().items() if not found} == set()


def test_tc_12_what_is_not_said_is_never_a_no(book: Book) -> None:
    """Saving one field of a record, or making a portal user of it, wrote "false" into the opt-out beside it."""
    book.take("contacts", person(1, phone="+44 20 7946 0018", opted_out="yes"), person(2))
    edits = (
        {"contact_id": "C-1", "email": "second@a1.example"},
        person(1, opted_out=""),
        person(1, opted_out="false"),
        person(1, opted_out="0", other_emails="third@a1.example"),
        {"contact_id": "C-1", "phone": "020 7946 0018", "opted_out": "no"},
    )
    for edit in edits:
        book.take("contacts", edit)
        assert book.closed("C-1") == EVERYTHING, edit
    book.take("opt-outs", {"email": "p1@a1.example", "channels": "post"})
    book.take("conversations", talk("C-1", "positive", conversation_id="K-9"))
    book.hear(
        signal("1", keys={"email": "p1@a1.example"}),
        signal("2", "opt_out", keys={"email": "p1@a1.example"}, facts={"words": None, "channels": "email"}),
    )
    assert (book.closed("C-1"), book.closed("C-2")) == (EVERYTHING, NOTHING)


def stop_signal(number: int, id: int, channels: str) -> dict[str, Any]:
    facts = {"channels": channels} if channels else {}
    return signal(f"s{id}", "opt_out", keys={"email": f"p{number}@a{number}.example"}, facts=facts)


def profile_edit(number: int, id: int, kind: str) -> dict[str, Any]:
    return signal(f"e{id}", kind, keys={"email": f"p{number}@a{number}.example"}, facts={})


def second_address(number: int, other: int, id: int) -> dict[str, Any]:
    keys = {"emails": [f"p{number}@a{number}.example", f"p{other}@new.example"]}
    return move(f"p{number}@a{number}.example", id=f"m{id}", keys=keys)


ids = st.integers(0, 99)
signals = st.one_of(
    st.builds(stop_signal, numbers, ids, st.sampled_from(("", "email", "phone;sms"))),
    st.builds(profile_edit, numbers, ids, st.sampled_from(("visit", "subscribed", "confirmed", "profile_updated"))),
    st.builds(second_address, numbers, numbers, ids),
)
batches = st.lists(signals, min_size=1, max_size=6, unique_by=lambda one: one["id"])


@LONG_OR_SHORT
def test_tc_15_a_connector_can_only_close_more(book: Book, examples: int) -> None:
    """A sync in which the last writer wins resubscribed thousands, who then were sent a series of welcome mails."""
    book.take("contacts", *people_of(3))
    book.stop("C-3", channels=(Channel.EMAIL,))
    start = Snapshot(book.database, "start")

    @settings(ON_ONE_BOOK, max_examples=examples)
    @given(batches)
    @example([stop_signal(3, 1, "phone;sms"), profile_edit(3, 2, "subscribed")])
    def live(told: list[dict[str, Any]]) -> None:
        start.restore()
        for one in told:
            before = book.closes()
            book.hear(one)
            after = book.closes()
            assert {key for key in before if not before[key] <= after[key]} == set()

    live()


@LONG_OR_SHORT
def test_tc_16_events_replayed_and_out_of_order_end_in_the_same_state(book: Book, examples: int) -> None:
    """Editing the profile of someone unsubscribed sent an event that was read as a subscription."""
    book.take("contacts", *people_of(3))
    start = Snapshot(book.database, "start")

    @settings(ON_ONE_BOOK, max_examples=examples)
    @given(batches, st.randoms(use_true_random=False))
    @example([stop_signal(1, 1, "email"), stop_signal(1, 2, "phone;sms"), second_address(1, 2, 3)], Random(0))
    def live(told: list[dict[str, Any]], dice: Random) -> None:
        start.restore()
        book.hear(*told)
        in_order = book.closes()
        start.restore()
        for one in dice.sample(told, len(told)):
            book.hear(one)
        book.hear(*dice.choices(told, k=3))
        assert book.closes() == in_order

    live()


MOMENTS = {
    *(
        "",
        "null",
        "None",
        "0",
        "0000-00-00",
        "1",
        "1970-01-01",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00",
        "9999-12-31",
    ),
    *("2099-01-01T00:00:00Z", "2026-13-45", "yesterday", "1772409600", "-1", "2026-02-30", "2026-03-01T09:00:00+25:00"),
}


def test_tc_17_a_stop_with_an_unreadable_old_or_future_moment_closes(book: Book) -> None:
    """A contact was resubscribed because the moment of their opt-out was empty in one field of two."""
    moments = dict(enumerate(sorted(MOMENTS)))
    for way in ("a", "b", "c"):
        book.take("contacts", *(person(n, contact_id=f"{way}{n}", email=f"{way}{n}@x.example") for n in moments))
    book.take("opt-outs", *({"email": f"a{n}@x.example", "at": at} for n, at in moments.items()))
    book.take("conversations", *(talk(f"b{n}", "unsubscribe", at=at) for n, at in moments.items()))
    book.hear(*(signal(f"{n}", "opt_out", keys={"email": f"c{n}@x.example"}, time=at) for n, at in moments.items()))
    book.hear(
        *(
            signal(f"null{n}", "opt_out", keys={"email": f"c{n}@x.example"}, time=at)
            for n, at in enumerate((None, 0, []))
        )
    )
    closed = book.closes()
    assert {key: moments[int(key[1:])] for key in closed if closed[key] < EVERYTHING} == {}
    book.take("contacts", *(person(n, contact_id=f"a{n}", email=f"a{n}@x.example", opted_out="no") for n in moments))
    assert {key: moments[int(key[1:])] for key, found in book.closes().items() if found < EVERYTHING} == {}


def test_tc_17_no_consent_is_later_than_a_stop_that_lies_in_the_future(book: Book) -> None:
    """The same for what would lift it: a stop of 2099 outlasts a consent of today, and one of 1970 does not."""
    book.take("contacts", *people_of(2))
    book.take(
        "opt-outs", {"email": "p1@a1.example", "at": "2099-01-01"}, {"email": "p2@a2.example", "at": "1970-01-01"}
    )
    with pytest.raises(UsageError, match="not later than their stop of 2099"):
        book.consent("C-1", NOW + DAY)
    book.consent("C-2", NOW + DAY)
    assert (book.closed("C-1"), book.closed("C-2")) == (EVERYTHING, NOTHING)
