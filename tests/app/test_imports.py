"""Importing: what counts, what is kept back, and that nothing can lift a stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from reengage.app import imports
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.imports.sheet import Report
from reengage.app.imports.stops import import_opt_outs
from reengage.app.project import Project, read_project
from reengage.gate.admit import refuse
from reengage.model.errors import ReengageError
from reengage.model.optout import Standing
from reengage.store import accounts, jobs, optouts, people
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.story import make_project

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(days=1)
HEAD = "contact_id,first_name,last_name,email,phone,account_name,account_domain,account_status,title,opted_out\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


class Book:
    """A database with the imports at hand."""

    def __init__(self, database: Database, project: Project) -> None:
        self.database, self.project = database, project

    def take(self, function: Any, text: str | bytes, at: datetime = AT, project: Project | None = None) -> Report:
        path = self.project.folder / "file.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        report: Report = function(self.database, project or self.project, path, at)
        return report

    def contacts(self, text: str | bytes, at: datetime = AT) -> Report:
        return self.take(import_contacts, text, at)

    def standing(self, key: str) -> Standing:
        with self.database.reading() as connection:
            id = people.find_contacts(connection, [("import", key)])["import", key]
            return optouts.standings(connection, [id])[id]

    def may_write_to(self, key: str) -> bool:
        return refuse(self.standing(key)) is None

    def all(self, table: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(table.__table__)))

    def current(self, table: Any) -> list[Any]:
        return [row for row in self.all(table) if row.superseded_at is None]


@pytest.fixture
def book(database: Database, project: Project) -> Book:
    return Book(database, project)


ONE = HEAD + "C1,Dana,Reyes,dana@initech.example,+44 20 7946 0018,Initech Ltd,initech.example,prospect,VP Sales,\n"


def test_a_contact_with_everything(book: Book) -> None:
    report = book.contacts(ONE)
    assert (report.rows, report.changed, report.bad) == (1, 1, [])
    assert [(row.first_name, row.last_name) for row in book.all(t.ProfileRow)] == [("Dana", "Reyes")]
    assert [(row.title, row.seniority, row.since) for row in book.all(t.EmploymentRow)] == [("VP Sales", "vp", None)]
    assert [(row.name, row.domain) for row in book.all(t.AccountRow)] == [("Initech Ltd", "initech.example")]
    kinds = {row.kind for row in book.all(t.IdentifierRow)}
    assert kinds == {"import", "email", "phone"}


def test_the_same_file_again_changes_nothing(book: Book) -> None:
    book.contacts(ONE)
    before = [book.all(table) for table in (t.ProfileRow, t.EmploymentRow, t.IdentifierRow, t.AccountRow)]
    report = book.contacts(ONE, AT.replace(hour=10))
    assert report.changed == 0
    assert [book.all(table) for table in (t.ProfileRow, t.EmploymentRow, t.IdentifierRow, t.AccountRow)] == before


def test_an_empty_cell_or_an_absent_column_clears_nothing(book: Book) -> None:
    book.contacts(ONE)
    book.contacts("contact_id,email,first_name\nC1,dana@initech.example,\n", AT.replace(hour=10))
    assert [row.first_name for row in book.current(t.ProfileRow)] == ["Dana"]
    assert [row.title for row in book.current(t.EmploymentRow)] == ["VP Sales"]


def test_a_crm_that_still_names_the_old_employer_does_not_undo_a_move(book: Book) -> None:
    book.contacts(ONE)
    with book.database.writing() as connection:
        new = accounts.put_accounts(connection, [{"name": "Hooli", "domain": "hooli.example"}], AT)[0]
        row = {"contact_id": 1, "account_id": new, "since": AT, "source": "news/1", "recorded_at": AT}
        connection.execute(t.EmploymentRow.__table__.insert(), row)
    book.contacts(ONE, AT.replace(hour=10))
    with book.database.reading() as connection:
        assert jobs.current_job(jobs.employments(connection, [1])[1]).account_id == new


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", ONE.replace("Reyes", "Müller")),
        ("utf-8-sig", ONE.replace("Reyes", "Müller")),
        ("cp1252", ONE.replace("Reyes", "Müller")),
        ("utf-8", ONE.replace("Reyes", "Müller").replace(",", ";")),
        ("utf-8", ONE.replace("Reyes", "Müller").replace(",", "\t")),
        ("utf-8", ONE.replace("Reyes", "Müller").replace("\n", "\r\n")),
    ],
)
def test_encodings_delimiters_and_line_ends(book: Book, encoding: str, text: str) -> None:
    report = book.contacts(text.encode(encoding))
    assert report.bad == []
    assert [row.last_name for row in book.all(t.ProfileRow)] == ["Müller"]


@pytest.mark.parametrize("flag", ["true", "TRUE", "1", "yes", "Y", "x", "X", "opted out", " Opted  Out "])
def test_every_spelling_of_yes_is_a_stop(book: Book, flag: str) -> None:
    book.contacts(HEAD + f'C1,Dana,,dana@initech.example,,,,,,"{flag}"\n')
    standing = book.standing("C1")
    assert standing.everywhere
    assert not standing.provisional


@pytest.mark.parametrize("flag", ["", "false", "FALSE", "0", "no", "N"])
def test_every_spelling_of_no_is_no_opinion(book: Book, flag: str) -> None:
    book.contacts(HEAD + f"C1,Dana,,dana@initech.example,,,,,,{flag}\n")
    assert book.may_write_to("C1")


@pytest.mark.parametrize("flag", ["see notes", "maybe", "2", "nein", "?"])
def test_an_unreadable_flag_imports_the_row_with_a_provisional_stop(book: Book, flag: str) -> None:
    report = book.contacts(HEAD + f"C1,Dana,,dana@initech.example,,,,,,{flag}\n")
    assert report.changed == 1
    assert book.standing("C1").provisional
    assert not book.may_write_to("C1")


def test_no_import_lifts_a_stop(book: Book) -> None:
    yes, no = (HEAD + f"C1,Dana,,dana@initech.example,,,,,,{flag}\n" for flag in ("yes", "no"))
    book.contacts(yes)
    book.contacts(no, AT.replace(hour=10))
    book.contacts("contact_id,email\nC1,dana@initech.example\n", AT.replace(hour=11))
    assert not book.may_write_to("C1")


def test_the_same_flag_every_night_is_one_entry(book: Book) -> None:
    for hour in (9, 10, 11):
        book.contacts(HEAD + "C1,Dana,,dana@initech.example,,,,,,yes\n", AT.replace(hour=hour))
    assert len(book.all(t.OptOutRow)) == 1


@pytest.mark.parametrize(
    "heading",
    [
        *("DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax", "unsubscribed", "Unsubscribed from all email"),
        *(
            "Do not contact",
            "Email Opt Out",
            "opt-out",
            "Opted Out of Email",
            "DNC",
            "do_not_email",
            "Marketing opt-in",
        ),
        *("Suppressed", "Blocklisted", "hs_email_optout", "Bounced/Unsubscribed", "Werbesperre"),
    ],
)
def test_an_opt_out_heading_that_is_not_mapped_stops_the_import(book: Book, heading: str) -> None:
    with pytest.raises(ReengageError, match="looks like an opt-out") as caught:
        book.contacts(f"contact_id,email,{heading}\nC1,dana@initech.example,TRUE\n")
    assert f'"{heading}" = "opted_out"' in str(caught.value)
    assert book.all(t.ContactRow) == []


def remapped(project: Project, lines: str) -> Project:
    file = project.folder / "reengage.toml"
    file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return read_project(project.folder)


def test_own_headings_are_mapped_and_any_of_several_flags_denies(book: Book) -> None:
    lines = '[import.columns]\n"Id" = "contact_id"\n"DoNotCall" = "opted_out.phone"\n"Unsubscribed" = "opted_out"\n'
    project = remapped(book.project, lines)
    text = "Id,Email,DoNotCall,Unsubscribed\nC1,a@x.example,TRUE,\nC2,b@x.example,,TRUE\nC3,c@x.example,,\n"
    report = book.take(import_contacts, text, project=project)
    assert report.ignored == ()
    assert {channel.value for channel in book.standing("C1").closed} == {"phone"}
    assert not book.may_write_to("C2")
    assert book.may_write_to("C3")


def test_unknown_columns_are_listed_and_ignored(book: Book) -> None:
    report = book.contacts("contact_id,email,Shoe size\nC1,dana@initech.example,44\n")
    assert report.ignored == ("Shoe size",)


def test_bad_rows_are_kept_with_their_line_and_good_ones_stay(book: Book) -> None:
    text = "contact_id,email\nC1,dana@initech.example\n,x@x.example\nC3,not an address\nC4,too,many\nC5,eve@x.example\n"
    report = book.contacts(text)
    assert [line for line, _ in report.bad] == [3, 4, 5]
    assert report.changed == 2
    kept = [(row.line, row.raw) for row in book.all(t.QuarantineRow)]
    assert sorted(line for line, _ in kept) == [3, 4, 5]
    assert all(raw for _, raw in kept)
    book.contacts(text, AT.replace(hour=10))
    assert len(book.all(t.QuarantineRow)) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("email\na@x.example\n", 'needs the column "contact_id"'),
        ("contact_id,first_name\nC1,Dana\n", "one of the columns email"),
        ("", "the file is empty"),
        ("contact_id,email,email\nC1,a,b\n", "stands twice"),
    ],
)
def test_a_file_that_cannot_work_says_so_and_changes_nothing(book: Book, text: str, says: str) -> None:
    with pytest.raises(ReengageError, match=says) as caught:
        book.contacts(text)
    assert caught.value.where
    assert book.all(t.ContactRow) == []


def test_a_missing_file_is_one_clear_message(book: Book) -> None:
    with pytest.raises(ReengageError, match="no such file"):
        import_contacts(book.database, book.project, book.project.folder / "absent.csv", AT)


@pytest.mark.parametrize(
    ("names", "told"), [(("Dana", "Eve"), "names none of them"), (("Dana", "D."), "they are one human from now on")]
)
def test_one_address_on_two_contacts_makes_them_one_or_names_neither_and_a_stop_on_it_reaches_both(
    book: Book, names: tuple[str, str], told: str
) -> None:
    one, other = names
    report = book.contacts(f"contact_id,first_name,email\nC1,{one},dana@x.example\nC2,{other},Dana@X.example\n")
    assert told in report.remarks[0]
    book.take(import_opt_outs, "email\nDANA+news@x.example\n")
    assert not book.may_write_to("C1")
    assert not book.may_write_to("C2")


def test_a_stop_of_a_contact_reaches_another_row_of_the_same_human(book: Book) -> None:
    book.contacts("contact_id,email,opted_out\nC1,dana@x.example,yes\n")
    book.contacts("contact_id,email,phone\nC2,dana@x.example,+442079460018\n", AT.replace(hour=10))
    book.contacts("contact_id,email,phone\nC3,d.reyes@y.example,020 7946 0018\n", AT.replace(hour=11))
    assert [book.may_write_to(key) for key in ("C2", "C3")] == [False, False]


def test_a_role_mailbox_does_not_carry_one_persons_stop_to_the_others(book: Book) -> None:
    book.contacts(
        "contact_id,email,other_emails,opted_out\nC1,dana@x.example,info@x.example,yes\nC2,eve@x.example,info@x.example,\n"
    )
    assert not book.may_write_to("C1")
    assert book.may_write_to("C2")
    book.take(import_opt_outs, "email\ninfo@x.example\n")
    assert not book.may_write_to("C2")


TALKS = "conversation_id,contact_id,email,at,channel,rep_email,response,call_back_on,their_words,wake_on\n"


def test_a_hold_follows_from_what_was_said(book: Book) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALKS + "K1,C1,,2026-05-04T10:00:00Z,call,pat@us.example,Not now,,after summer,\n")
    hold = book.current(t.HoldRow)[0]
    assert (hold.kind, hold.response, hold.category, hold.promised) == ("snooze", "not_now", "timing", False)
    assert hold.until.isoformat() == "2026-08-02"
    assert book.all(t.ConversationRow)[0].channel == "phone"


def test_a_named_date_is_a_promise_and_a_later_no_keeps_it(book: Book) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALKS + "K1,C1,,2026-05-04,phone,,not_now,2026-12-01,in December,\n")
    later = TALKS + "K2,C1,,2026-05-20,phone,,no_budget,,,\n"
    book.take(import_conversations, later, AT.replace(hour=10))
    hold = book.current(t.HoldRow)[0]
    assert (hold.response, hold.promised, hold.until.isoformat()) == ("no_budget", True, "2026-12-01")


@pytest.mark.parametrize(("response", "holds"), [("out_of_office", True), ("positive", False), ("", True)])
def test_what_ends_a_hold_and_what_does_not(book: Book, response: str, holds: bool) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALKS + "K1,C1,,2026-05-04,phone,,not_now,,,\n")
    book.take(import_conversations, TALKS + f"K2,C1,,2026-05-20,phone,,{response},,,\n", AT.replace(hour=10))
    assert bool(book.current(t.HoldRow)) is holds


def test_the_order_of_conversations_in_a_file_does_not_matter(book: Book) -> None:
    book.contacts(ONE + ONE.splitlines()[1].replace("C1", "C2").replace("dana", "eve").replace("0018", "0019") + "\n")
    rows = ["K1,{0},,2026-05-04,phone,,not_now,2026-12-01,,", "K2,{0},,2026-05-20,phone,,no_budget,,,"]
    text = TALKS + "\n".join(
        [*(row.format("C1") for row in rows), *(row.format("C2").replace("K", "L") for row in rows[::-1])]
    )
    book.take(import_conversations, text + "\n")
    one, other = ((h.response, h.until, h.promised, h.since) for h in book.current(t.HoldRow))
    assert one == other


@pytest.mark.parametrize("response", ["stop_emailing", "stop_calling", "hostile", "unsubscribe"])
def test_a_stop_closes_every_channel_at_once(book: Book, response: str) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALKS + f"K1,C1,,2026-05-04,phone,,{response},,leave me alone,\n")
    assert book.standing("C1").everywhere


def test_a_stop_from_someone_unknown_waits_for_them(book: Book) -> None:
    text = (
        TALKS + "K1,,dana@initech.example,2026-05-04,email,,stop_emailing,,stop,\nK2,C7,,2026-05-04,phone,,hostile,,,\n"
    )
    report = book.take(import_conversations, text)
    assert [line for line, _ in report.bad] == [2, 3]
    book.contacts("contact_id,email\nC1,dana@initech.example\nC7,other@x.example\n", AT.replace(hour=10))
    assert [book.may_write_to(key) for key in ("C1", "C7")] == [False, False]


def test_an_unknown_response_is_kept_back_and_one_that_smells_of_stop_closes(book: Book) -> None:
    book.contacts("contact_id,email\nC1,a@x.example\nC2,b@x.example\n")
    text = TALKS + "K1,C1,,2026-05-04,phone,,Recycled,,,\nK2,C2,,2026-05-04,phone,,Do Not Contact,,,\n"
    report = book.take(import_conversations, text)
    assert '"Recycled" = "not_now"' in report.bad[0][1]
    assert book.may_write_to("C1")
    assert book.standing("C2").provisional
    project = remapped(book.project, '[import.responses]\n"Recycled" = "not_now"\n')
    assert book.take(import_conversations, text, AT.replace(hour=10), project).changed == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("K1,C1,,2026-13-45,phone,,not_now,,,", "not a moment"),
        ("K1,C1,,2027-01-01,phone,,not_now,,,", "future"),
        ("K1,C1,,,phone,,not_now,,,", "at is empty"),
        ("K1,C1,,2026-05-04,pigeon,,not_now,,,", 'channel "pigeon"'),
        ("K1,C1,,2026-05-04,phone,,not_now,soon,,", "not a date"),
        ("K1,C1,,0001-01-01,phone,,not_now,,,", "1970"),
        (",C1,,2026-05-04,phone,,not_now,,,", "conversation_id is empty"),
    ],
)
def test_a_conversation_that_cannot_be_read_says_why(book: Book, row: str, says: str) -> None:
    book.contacts(ONE)
    report = book.take(import_conversations, TALKS + row + "\n")
    assert says in report.bad[0][1]
    assert book.all(t.ConversationRow) == []


def test_an_opt_out_list_reaches_contacts_in_every_spelling(book: Book) -> None:
    book.contacts(
        "contact_id,email,phone,linkedin_url\nC1,dana@x.example,,\nC2,,020 7946 0018,\nC3,,,linkedin.com/in/eve\n"
    )
    stops = "email,phone,linkedin_url,channels\nDana <DANA@x.example>,,,\n,+44 (0)20 79460018,,phone\n,,https://uk.linkedin.com/in/Eve/,\n"
    report = book.take(import_opt_outs, stops)
    assert report.bad == []
    assert not book.may_write_to("C1")
    assert {channel.value for channel in book.standing("C2").closed} == {"phone"}
    assert not book.may_write_to("C3")
    assert book.take(import_opt_outs, stops, AT.replace(hour=10)).changed == 0


def test_a_company_opt_out_covers_newcomers_and_subdomains_but_does_not_follow_a_leaver(book: Book) -> None:
    book.contacts("contact_id,email,account_domain\nC1,a@initech.example,initech.example\nC2,b@mail.initech.example,\n")
    book.take(import_opt_outs, "domain\ninitech.example\n")
    book.contacts("contact_id,email,account_domain\nC3,c@initech.example,initech.example\n", AT.replace(hour=10))
    assert [book.standing(key).excluded for key in ("C1", "C2", "C3")] == [True, True, True]
    moved = "contact_id,email,account_domain\nC1,a@hooli.example,hooli.example\n"
    book.contacts(moved, AT.replace(hour=11))
    assert book.may_write_to("C1")
    assert not book.may_write_to("C3")


def test_an_opt_out_list_with_addresses_under_an_unknown_heading_stops(book: Book) -> None:
    with pytest.raises(ReengageError, match='"Mail" holds what looks like addresses') as caught:
        book.take(import_opt_outs, "domain,Mail\nx.example,dana@y.example\n")
    assert caught.value.where is not None
    assert caught.value.where.endswith(":2")
    assert book.all(t.OptOutRow) == []


def test_freemail_is_no_company(book: Book) -> None:
    report = book.take(import_opt_outs, "domain\ngmail.com\n")
    assert report.bad == [(2, "domain cannot be read")]
    assert book.all(t.OptOutRow) == []


def test_owners_and_their_mistakes(book: Book) -> None:
    text = "owner_email,time_zone,active\npat@us.example,Europe/Berlin,true\nkim@us.example,Mars/Base,true\nx,,\nlee@us.example,,perhaps\n"
    report = book.take(import_owners, text)
    assert [line for line, _ in report.bad] == [3, 4, 5]
    book.take(import_owners, "owner_email,active\npat@us.example,false\n", AT.replace(hour=10))
    assert [(row.active, row.time_zone) for row in book.current(t.OwnerRow)] == [(False, "Europe/Berlin")]


def test_outcomes_of_unknown_tasks_and_unknown_words_are_kept_back(book: Book) -> None:
    report = book.take(import_outcomes, "task_key,status\nrx-1,completed\nrx-2,vanished\n,completed\n")
    assert [line for line, _ in report.bad] == [2, 3, 4]
    assert "no task has the key" in report.bad[0][1]


def test_rows_are_written_in_chunks_and_progress_reaches_the_end(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports.sheet, "CHUNK", 10)
    path = book.project.folder / "many.csv"
    path.write_text("contact_id,email\n" + "".join(f"C{n},p{n}@x.example\n" for n in range(35)), encoding="utf-8")
    seen: list[tuple[int, int]] = []
    import_contacts(book.database, book.project, path, AT, lambda done, size: seen.append((done, size)))
    assert len(seen) == 4
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    with book.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.ContactRow)).scalar_one() == 35


TALK = "conversation_id,contact_id,email,at,channel,response,their_words\n"


def test_a_stop_written_into_a_known_conversation_counts(book: Book) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALK + "V1,C1,,2026-05-01,email,not_now,later\n")
    assert book.may_write_to("C1")
    for _ in range(2):
        book.take(import_conversations, TALK + "V1,C1,,2026-05-01,email,unsubscribe,stop it\n", LATER)
    assert not book.may_write_to("C1")
    assert len(book.all(t.OptOutRow)) == 1


@pytest.mark.parametrize("response", ["unsubscribe", "please unsubscribe me"])
def test_a_stop_of_an_unknown_contact_counts_under_each_of_its_names(book: Book, response: str) -> None:
    stop = TALK + f"V1,C1,old@initech.example,2026-05-01,email,{response},stop it\n"
    for _ in range(2):
        book.take(import_conversations, stop)
    assert len(book.all(t.OptOutRow)) == 2
    book.contacts(ONE + "C2,Eve,Ray,old@initech.example,,,,,,\n")
    assert not book.may_write_to("C1")
    assert not book.may_write_to("C2")


def test_a_stop_that_reaches_a_contact_by_mail_also_counts_for_its_strange_contact_id(book: Book) -> None:
    book.contacts(ONE)
    book.take(import_conversations, TALK + "V1,C9,dana@initech.example,2026-05-01,email,hostile,stop it\n")
    book.contacts(HEAD + "C9,Dana,Reyes,dana@hooli.example,,,,,,\n")
    assert not book.may_write_to("C1")
    assert not book.may_write_to("C9")


@pytest.mark.parametrize("row", ["C1,Dana,Reyes,,,,,,,TRUE", ",Dana,Reyes,dana@initech.example,,,,,,TRUE"])
@pytest.mark.parametrize("known_before", [True, False])
def test_a_contact_that_cannot_be_taken_in_still_says_no(book: Book, row: str, known_before: bool) -> None:
    files = [ONE, HEAD + row + "\n"]
    for text in files if known_before else reversed(files):
        report = book.contacts(text, LATER)
        assert len(report.bad) == (text is files[1])
    assert not book.may_write_to("C1")


@pytest.mark.parametrize("at", ["05/31/2026", "yesterday", "0000-00-00"])
def test_a_date_that_cannot_be_read_does_not_lose_a_stop(book: Book, at: str) -> None:
    book.contacts(ONE)
    report = book.take(import_opt_outs, f"email,at\ndana@initech.example,{at}\n")
    assert not book.may_write_to("C1")
    assert report.remarks == [
        f'line 2: at "{at}" is not a moment like 2026-10-01T09:00:00+02:00; the stop counts from now'
    ]


@pytest.mark.parametrize(
    "cells",
    [
        '"dana@initech.example, old@initech.example",',
        "dana@initech.example; old@initech.example,",
        "dana@initech.example,+44 20 7946 0018 / +44 20 7946 0958",
        'dana@initech.example,"020 7946 0018, 020 7946 0958"',
        '"Reyes, Dana <old@initech.example>",',
    ],
)
def test_a_stop_on_one_of_several_names_in_a_cell_counts(book: Book, cells: str) -> None:
    book.take(import_opt_outs, 'email,phone\n"x@initech.example, old@initech.example",+44 20 7946 0958\n')
    book.contacts(HEAD + f"C1,Dana,Reyes,{cells},,,,,\n")
    assert not book.may_write_to("C1")


def test_a_slash_within_one_phone_number_does_not_make_two(book: Book) -> None:
    book.contacts(HEAD + "C1,Dana,Reyes,,020/79460018,,,,,\n")
    assert [row.value for row in book.all(t.IdentifierRow) if row.kind == "phone"] == ["+442079460018"]


def test_a_name_that_cannot_be_read_does_not_lose_the_stop_beside_it(book: Book) -> None:
    book.contacts(ONE)
    report = book.take(import_opt_outs, "email,phone\ndana@initech.example,n/a\n")
    assert not book.may_write_to("C1")
    assert report.bad == [(2, "phone cannot be read; the rest of the row counts")]


def test_news_of_a_manager_is_news_for_the_contacts_of_their_reps(book: Book) -> None:
    book.take(import_owners, "owner_email,active,manager_email\nrep@us.example,no,boss@us.example\n")
    book.contacts("contact_id,email,owner_email\nC1,dana@initech.example,rep@us.example\n")
    before = len(book.all(t.NewsRow))
    book.take(import_owners, "owner_email,active\nboss@us.example,yes\n", LATER)
    assert len(book.all(t.NewsRow)) == before + 1


def test_a_row_that_cannot_be_read_but_may_be_a_stop_closes_whom_it_mentions(book: Book) -> None:
    book.contacts(
        "contact_id,email,phone\nC1,dana@x.example,\nC2,eve@x.example,\nC3,max@x.example,\nC4,zoe@x.example,\n"
    )
    one_cell_too_many = HEAD + "C1,Dana,,other@x.example,,Initech, Ltd,x.example,prospect,VP,TRUE\n"
    assert book.contacts(one_cell_too_many, AT.replace(hour=10)).bad
    torn = TALKS + "K1,,eve@x.example,2026-05-04,email,,unsubscribe,,one, too many, here\n"
    book.take(import_conversations, torn, AT.replace(hour=11))
    book.take(import_opt_outs, "email,channels\nmax@x.example,,,\n", AT.replace(hour=12))
    assert [book.standing(key).provisional for key in ("C1", "C2", "C3")] == [True, True, True]
    assert not any(book.may_write_to(key) for key in ("C1", "C2", "C3"))
    assert book.may_write_to("C4")
    entries = len(book.all(t.OptOutRow))
    book.contacts(one_cell_too_many, AT.replace(hour=13))
    assert len(book.all(t.OptOutRow)) == entries


def test_a_row_that_cannot_be_read_and_says_no_such_thing_closes_nobody(book: Book) -> None:
    book.contacts("contact_id,email\nC1,dana@x.example\n")
    book.contacts(HEAD + "C1,Dana,,dana@x.example,,Initech, Ltd,x.example,prospect,VP,\n", AT.replace(hour=10))
    assert book.may_write_to("C1")


def test_an_opt_out_of_a_part_of_a_company_reaches_those_known_by_phone_alone(book: Book) -> None:
    rows = "C1,+442079460018,eu.corp.example\nC2,+442079460019,us.corp.example\n"
    book.contacts(f"contact_id,phone,account_domain\n{rows}")
    book.take(import_opt_outs, "domain\neu.corp.example\n")
    assert book.standing("C1").excluded
    assert book.may_write_to("C2")


def test_what_is_no_table_is_refused_whole_and_a_list_of_stops_is_read_all_the_same(book: Book) -> None:
    broken = 'contact_id,email\nC1,dana@a.example\n"' + "a\n" * 100
    with pytest.raises(ReengageError, match="rows are no rows of this table; nothing was imported"):
        book.contacts(broken)
    assert book.all(t.ContactRow) == book.all(t.QuarantineRow) == []
    stops = "email,channels\ndana@a.example,\n" + "a;b,c,d\n" * 100
    assert book.take(import_opt_outs, stops).rows == 101
    assert len(book.all(t.OptOutRow)) >= 1
