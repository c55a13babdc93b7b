"""The exports of five CRMs: every flag that says no closes what it should, ids and names find their place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from reengage.app.export import export_tasks
from reengage.app.imports import contacts
from reengage.app.imports.contacts import CONTACTS, import_contacts
from reengage.app.imports.headings import Kind, read_headings
from reengage.app.imports.outcomes import OUTCOMES, import_outcomes
from reengage.app.imports.owners import OWNERS, import_owners
from reengage.app.imports.presets.people import opted_out_in, person_row, trimmed
from reengage.app.imports.presets.pipedrive import read_status
from reengage.app.imports.presets.preset import Flag, Preset, plain
from reengage.app.imports.presets.products import PRESETS
from reengage.app.imports.presets.salesforce import long_id
from reengage.app.imports.sheet import Report, open_sheet
from reengage.app.project import Project
from reengage.cli.taking import PresetName
from reengage.delivery.espocrm import task_id
from reengage.model.errors import ReengageError
from reengage.model.optout import EntryKind, Standing
from reengage.model.words import Channel
from reengage.store import columns as t
from reengage.store import optouts, people
from reengage.store.database import Database
from tests.app.story import make_project
from tests.app.test_export import AT, a_task

EXPORTS = Path(__file__).parent / "exports"
EVERYTHING = frozenset(Channel)

FLAGS = [
    (preset, heading, flag)
    for preset in PRESETS.values()
    for heading, flag in preset.readings["contacts"].flags.items()
]
IDS = [f"{preset.name}: {heading}" for preset, heading, _ in FLAGS]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("presets") / "project")


class Book:
    """A database with the imports at hand."""

    def __init__(self, database: Database, project: Project) -> None:
        self.database, self.project = database, project

    def take(self, function: Any, preset: str, text: str | bytes, **changes: Any) -> Report:
        path = self.project.folder / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        report: Report = function(self.database, replace(self.project, **changes), path, AT, None, PRESETS[preset])
        return report

    def sample(self, function: Any, name: str, kind: str, preset: str | None = None) -> Report:
        return self.take(function, preset or name, (EXPORTS / f"{name}-{kind}.csv").read_bytes())

    def standing(self, key: str) -> Standing:
        with self.database.reading() as connection:
            id = people.find_contacts(connection, [("import", key)])["import", key]
            return optouts.standings(connection, [id])[id]

    def closed(self, key: str) -> frozenset[Channel]:
        standing = self.standing(key)
        return EVERYTHING if standing.everywhere else standing.closed

    def current(self, table: Any) -> list[Any]:
        with self.database.reading() as connection:
            return [row for row in connection.execute(select(table.__table__)) if row.superseded_at is None]

    def identifiers(self, key: str) -> set[tuple[str, str]]:
        row = t.IdentifierRow
        with self.database.reading() as connection:
            id = people.find_contacts(connection, [("import", key)])["import", key]
            return {
                (one.kind, one.value)
                for one in connection.execute(select(row.kind, row.value).where(row.contact_id == id))
            }


@pytest.fixture
def book(database: Database, project: Project) -> Book:
    return Book(database, project)


def id_heading(preset: Preset) -> str:
    columns = preset.readings["contacts"].columns
    return next(heading for heading, column in columns.items() if column == "crm_contact_id")


def one_row(preset: Preset, heading: str, cell: str) -> str:
    """A file of one contact with this flag."""
    columns = preset.readings["contacts"].columns
    email = next(name for name, column in columns.items() if column in ("email", "other_emails"))
    return f"{id_heading(preset)},{email},{quoted(heading)}\n77,dana@initech.example,{quoted(cell)}\n"


def quoted(cell: str) -> str:
    escaped = cell.replace('"', '""')
    return f'"{escaped}"'


def cells_of(flag: Flag) -> dict[str, tuple[str, ...]]:
    """Cells that say no, that say nothing, and that nobody can be sure of."""
    if flag.read is read_status:
        return {
            "yes": ("Unsubscribed", "unsubscribed", "UNSUBSCRIBED"),
            "no": ("", "Subscribed", "Pending upgrade", "pending_upgrade", "Bounced"),
            "doubt": ("No consent", "no_consent", "Archived", "Pending double opt-in", "Abgemeldet", "?"),
        }
    if flag.read is opted_out_in:
        return {
            "yes": ('[{"lower":"","optOut":false},{"lower":"","optOut":true}]',),
            "no": ("", "[]", '[{"lower":"","optOut":false}]', '[{"lower":""}]'),
            "doubt": ("[{", "null", '{"optOut":true}', '[{"optOut":"perhaps"}]', "[1]"),
        }
    yes = ("TRUE", "true", "1", "Yes", "YES", "y", "x", "Opted out", " True ")
    odd = ("vrai", "wahr", "ja", "see notes", "2", "-", "n/a", "NULL")
    sure = flag.read("true") is True
    return {
        "yes": yes if sure else (),
        "no": ("", "0", "No", "false", "FALSE", "n"),
        "doubt": odd + (() if sure else yes),
    }


@pytest.mark.parametrize(("preset", "heading", "flag"), FLAGS, ids=IDS)
def test_every_flag_in_every_spelling_is_read(project: Project, preset: Preset, heading: str, flag: Flag) -> None:
    spelled = heading.replace("*", "Marketing")
    said = [(wanted, cell) for wanted, cells in cells_of(flag).items() for cell in cells]
    text = f'{id_heading(preset)},"{spelled}"\n' + "".join(f"{n},{quoted(cell)}\n" for n, (_, cell) in enumerate(said))
    path = project.folder / "one.csv"
    path.write_text(text, encoding="utf-8")
    rows = list(open_sheet(path, CONTACTS, project, preset).rows())
    marks = [row.flags[0] for row in rows]  # type: ignore[union-attr]
    assert {mark.channel for mark in marks} == {flag.channel}
    wanted = [{"yes": True, "no": False, "doubt": None}[verdict] for verdict, _ in said]
    assert [mark.stop for mark in marks] == wanted


def all_flags(preset: Preset) -> tuple[str, dict[str, Flag]]:
    """A file with every flag of a product, where each contact has one of them; and which."""
    flags = {name.replace("*", "Marketing"): flag for name, flag in preset.readings["contacts"].flags.items()}
    rows = [
        [str(n + 1), *(quoted(said_by(flag) if at == n else "") for at in range(len(flags)))]
        for n, flag in enumerate(flags.values())
    ]
    head = [id_heading(preset), *map(quoted, flags)]
    return "".join(f"{','.join(row)}\n" for row in (head, *rows)), flags


def said_by(flag: Flag) -> str:
    cells = cells_of(flag)
    return [*cells["yes"], *cells["doubt"]][0]


@pytest.mark.parametrize("away", ["title", "ignore", "opted_out", "opted_out.post"])
@pytest.mark.parametrize("name", PRESETS)
def test_no_mapping_takes_a_flag_away(project: Project, name: str, away: str) -> None:
    text, flags = all_flags(PRESETS[name])
    path = project.folder / "flags.csv"
    path.write_text(text, encoding="utf-8")
    sheet = open_sheet(path, CONTACTS, replace(project, columns=dict.fromkeys(flags, away)), PRESETS[name])
    for row, flag in zip(sheet.rows(), flags.values(), strict=True):
        said = [mark for mark in row.flags if mark.stop is not False]  # type: ignore[union-attr]
        widened = {"opted_out": [None], "opted_out.post": [Channel.POST]}.get(away, [])
        assert [mark.channel for mark in said] == [flag.channel, *widened]
        assert {mark.stop for mark in said} == {flag.read(said_by(flag))}


@pytest.mark.parametrize("away", ["", "ignore"])
@pytest.mark.parametrize("name", PRESETS)
def test_every_flag_closes_its_channel_whatever_its_heading_is_mapped_to(book: Book, name: str, away: str) -> None:
    text, flags = all_flags(PRESETS[name])
    report = book.take(import_contacts, name, text, columns=dict.fromkeys(flags, away) if away else {})
    assert report.bad == []
    warned = [remark for remark in report.remarks if "counts as one too" in remark]
    assert len(warned) == (len(flags) if away else 0)
    for n, flag in enumerate(flags.values()):
        key = f"{name}-{n + 1}"
        assert book.closed(key) == ({flag.channel} if flag.channel else EVERYTHING)
        assert book.standing(key).provisional is (flag.read(said_by(flag)) is None)


def test_an_own_mapping_goes_before_the_preset(book: Book) -> None:
    text = "Record ID,Our ID,Email,Job Title,Persona\n1,C-1,dana@initech.example,Boss,VP Sales\n"
    own = {"Our ID": "contact_id", "Persona": "title", "Job Title": "ignore"}
    book.take(import_contacts, "hubspot", text, columns=own)
    assert ("crm:hubspot", "1") in book.identifiers("C-1")
    assert [row.title for row in book.current(t.EmploymentRow)] == ["VP Sales"]


def test_a_flag_may_be_widened(book: Book) -> None:
    text = one_row(PRESETS["salesforce"], "Do Not Call", "1")
    book.take(import_contacts, "salesforce", text, columns={"Do Not Call": "opted_out"})
    assert book.closed("salesforce-77") == EVERYTHING


def test_any_flag_that_says_no_counts_and_a_sure_one_before_one_in_doubt(book: Book) -> None:
    head = "Record ID,Email,Unsubscribed from all email,Opted out of email: News,Opted out of email: One to One\n"
    book.take(import_contacts, "hubspot", head + "1,a@x.example,false,,Yes\n2,b@x.example,perhaps,No,true\n")
    for key in ("hubspot-1", "hubspot-2"):
        assert book.closed(key) == {Channel.EMAIL}
        assert not book.standing(key).provisional
    with book.database.reading() as connection:
        assert len(connection.execute(select(t.OptOutRow.id)).all()) == 2


def test_a_stop_that_no_preset_knows_still_stops_the_file(book: Book) -> None:
    with pytest.raises(ReengageError, match='"SMS opt-out" looks like an opt-out') as caught:
        book.take(import_contacts, "hubspot", "Record ID,Email,SMS opt-out\n1,a@x.example,yes\n")
    assert "--preset" not in str(caught.value.help)


def test_a_file_without_any_flag_says_so(book: Book) -> None:
    report = book.take(import_contacts, "odoo", ".id,name,email\n7,Dana Reyes,dana@initech.example\n")
    assert report.remarks == [
        "no column says who has opted out; a full export has some of is_blacklisted, Blacklist, Blacklisted, …"
    ]


def test_what_hubspot_bills_is_no_stop_and_that_is_said(book: Book) -> None:
    text = one_row(PRESETS["hubspot"], "Marketing contact status", "Non-marketing contact")
    report = book.take(import_contacts, "hubspot", text)
    assert book.closed("hubspot-77") == frozenset()
    assert any("whom HubSpot bills" in remark for remark in report.remarks)
    book.take(import_contacts, "hubspot", text, columns={"Marketing contact status": "opted_out.email"})
    assert book.standing("hubspot-77").provisional


CLOSED = {
    "hubspot": {"101": set(), "102": {Channel.EMAIL}, "103": {Channel.EMAIL}},
    "salesforce": {"003Gk00000AbCdEIAV": {Channel.PHONE}, "003Gk00000AbCdFIAV": {Channel.EMAIL}},
    "pipedrive": {"11": set(), "12": {Channel.EMAIL}, "13": {Channel.EMAIL}, "14": set()},
    "espocrm": {
        "66f1a2b3c4d5e6f70": set(),
        "66f1a2b3c4d5e6f71": {Channel.EMAIL},
        "66f1a2b3c4d5e6f72": {Channel.EMAIL, Channel.PHONE},
    },
    "odoo": {"41": set(), "42": {Channel.EMAIL}},
}
DANA = {
    "hubspot": {"dana@initech.example", "d.reyes@initech.example"},
    "salesforce": {"dana@initech.example", "dana.old@initech.example"},
    "pipedrive": {"dana@initech.example", "dana@home.example"},
    "espocrm": {"dana@initech.example", "dana@home.example"},
    "odoo": {"dana@initech.example"},
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_whole_export_finds_its_place(book: Book, name: str) -> None:
    book.sample(import_owners, name, "owners")
    report = book.sample(import_contacts, name, "contacts")
    assert report.bad == []
    assert {row.crm_id: set(book.closed(f"{name}-{row.crm_id}")) for row in book.current(t.ProfileRow)} == CLOSED[name]
    first, *others = sorted(book.current(t.ProfileRow), key=lambda row: row.contact_id)
    assert (first.first_name, first.last_name, first.crm_system) == ("Dana", "Reyes", name)
    assert {row.last_name for row in others} >= {"Größmann"}
    assert first.owner_email == "pat@us.example"
    found = book.identifiers(f"{name}-{first.crm_id}")
    assert {value for kind, value in found if kind == "email"} == DANA[name]
    assert ("phone", "+442079460018") in found
    again = book.sample(import_contacts, name, "contacts")
    assert again.changed == 0


@pytest.mark.parametrize("name", PRESETS)
def test_the_ids_that_tasks_need_come_with_it(book: Book, name: str) -> None:
    book.sample(import_owners, name, "owners")
    book.sample(import_contacts, name, "contacts")
    with book.database.reading() as connection:
        crm = connection.execute(select(t.AccountRow.name, t.AccountRow.crm_id).order_by(t.AccountRow.id)).first()
    assert crm is not None
    assert crm.name == "Initech"
    assert crm.crm_id
    assert all(row.crm_id for row in book.current(t.OwnerRow))


def test_merged_records_are_names_of_the_one_that_stands(book: Book) -> None:
    book.sample(import_contacts, "salesforce", "contacts")
    assert ("import", "salesforce-003Gk00000AbCdGIAV") in book.identifiers("salesforce-003Gk00000AbCdEIAV")
    book.sample(import_contacts, "hubspot", "contacts")
    assert {("import", "hubspot-98"), ("import", "hubspot-99")} <= book.identifiers("hubspot-101")


def test_a_deleted_record_and_a_company_are_left_out_but_their_no_is_heard(book: Book) -> None:
    report = book.sample(import_contacts, "salesforce", "contacts")
    assert report.left_out == {"deleted in the CRM": 1}
    gone = "Id,FirstName,LastName,Email\n003Gk00000ZZZZZIAV,Gone,Again,gone@initech.example\n"
    book.take(import_contacts, "salesforce", gone)
    assert book.closed("salesforce-003Gk00000ZZZZZIAV") == {Channel.EMAIL}
    companies = "ID,Name,Email,Is a Company,Blacklist\n9,Hooli,ana@hooli.example,True,True\n"
    assert book.take(import_contacts, "odoo", companies).left_out == {"companies, not people": 1}
    book.take(import_contacts, "odoo", "ID,Name,Email\n10,Ana López,ana@hooli.example\n")
    assert book.closed("odoo-10") == {Channel.EMAIL}


def test_a_report_with_short_ids_names_the_same_contact(book: Book) -> None:
    book.sample(import_contacts, "salesforce", "contacts")
    report = book.take(import_contacts, "salesforce", (EXPORTS / "salesforce-report.csv").read_bytes())
    assert (report.bad, len(book.current(t.ProfileRow))) == ([], 2)
    assert report.remarks == ["no e-mail is known of Pat Miller: import owners first, then this file again"]


@pytest.mark.parametrize(
    ("short", "long"),
    [("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("003Gk00000AbCdE", "003Gk00000AbCdEIAV"), ("abc", "abc"), ("", "")],
)
def test_fifteen_characters_say_the_other_three(short: str, long: str) -> None:
    assert long_id(short) == long
    assert long_id(long) == long


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=15, max_size=15))
def test_ids_that_differ_in_case_only_stay_apart(id: str) -> None:
    assert len(long_id(id)) == 18
    assert (long_id(id).casefold() == long_id(id.swapcase()).casefold()) == (id == id.swapcase())


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Dana Reyes", ("Dana", "Reyes")),
        ("Reyes, Dana", ("Dana", "Reyes")),
        ("Ana María López", ("Ana María", "López")),
        ("Cher", (None, None)),
        ("  ", (None, None)),
    ],
)
def test_a_full_name_is_parted(full: str, parts: tuple[str | None, str | None]) -> None:
    row = person_row("odoo", trimmed)({"full_name": full, "crm_contact_id": "7"})
    if parts == (None, None):
        assert row.get("first_name", "") == full.strip()
        assert "last_name" not in row
    else:
        assert (row["first_name"], row["last_name"]) == parts


def test_two_products_may_count_from_one(book: Book) -> None:
    book.take(import_contacts, "hubspot", "Record ID,Email,First Name\n7,dana@initech.example,Dana\n")
    book.take(
        import_contacts, "pipedrive", "Person - ID,Person - Name,Person - Email - Work\n7,Max,max@hooli.example\n"
    )
    assert {row.first_name for row in book.current(t.ProfileRow)} == {"Dana", "Max"}


def test_a_row_that_cannot_be_read_but_may_be_a_stop_closes_whom_it_names(book: Book) -> None:
    head = "Person - ID,Person - Name,Person - Email - Work,Person - Marketing status\n"
    book.take(import_contacts, "pipedrive", head + "7,Dana,dana@initech.example,Subscribed\n8,Max,max@hooli.example,\n")
    report = book.take(import_contacts, "pipedrive", head + "7,Dana,Unsubscribed\n")
    assert [line for line, _ in report.bad] == [2]
    assert book.standing("pipedrive-7").provisional
    assert book.closed("pipedrive-8") == frozenset()


@pytest.mark.parametrize("kind", [CONTACTS, OUTCOMES], ids=["contacts", "outcomes"])
@pytest.mark.parametrize("name", PRESETS)
def test_another_products_file_is_refused_by_name(project: Project, name: str, kind: Kind) -> None:
    path = EXPORTS / f"{name}-{kind.name}.csv"
    for other in set(PRESETS) - {name}:
        with pytest.raises(ReengageError, match=f"like one of {PRESETS[name].label}") as caught:
            open_sheet(path, kind, project, PRESETS[other])
        assert caught.value.help == f"--preset {name}"


def test_without_a_preset_the_right_one_is_suggested(project: Project) -> None:
    for name, label in (("hubspot", "HubSpot"), ("odoo", "Odoo")):
        with pytest.raises(ReengageError) as caught:
            open_sheet(EXPORTS / f"{name}-contacts.csv", CONTACTS, project)
        assert str(caught.value.help).endswith(f"this looks like a {label} export: --preset {name}")


def test_a_missing_id_is_said_in_the_products_words(project: Project) -> None:
    path = project.folder / "no-id.csv"
    path.write_text("Email,First Name\ndana@initech.example,Dana\n", encoding="utf-8")
    with pytest.raises(ReengageError, match="a HubSpot export of contacts needs one of the columns Record ID"):
        open_sheet(path, CONTACTS, project, PRESETS["hubspot"])


def test_good_rows_stay_and_bad_ones_are_listed(book: Book) -> None:
    text = "Record ID,Email,Unsubscribed from all email\n1,a@x.example,\n,b@x.example,true\n3,,\n"
    report = book.take(import_contacts, "hubspot", text)
    assert report.bad == [(3, "contact_id is empty")]
    assert {row.crm_id for row in book.current(t.ProfileRow)} == {"1", "3"}
    book.take(import_contacts, "hubspot", "Record ID,Email\n2,b@x.example\n")
    assert book.closed("hubspot-2") == {Channel.EMAIL}


KEYS = {"KEY1": 1, "KEY2": 2, "KEY3": 3, "KEY4": 4, "KEY5": 5}


@pytest.fixture
def tasks(book: Book) -> Book:
    """Five contacts with one delivered task each."""
    rows = {key: a_task(f"rx-{key.lower()}", id, account_id=None, state="delivered") for key, id in KEYS.items()}
    with book.database.writing() as connection:
        connection.execute(insert(t.RunRow), {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 5})
        made = people.add_contacts(connection, [f"C-{id}" for id in KEYS.values()], AT)
        people.link(connection, [people.Link(id, "import", key, "test") for key, id in made.items()], AT)
        for row in rows.values():
            connection.execute(insert(t.TaskRow), row)
            handed = {"task_key": row["key"], "target": "espocrm", "what": "task", "batch": "b", "recorded_at": AT}
            connection.execute(insert(t.DeliveryRow), handed)
    return book


def outcomes_of(name: str) -> bytes:
    """The sample export of tasks, with the ids that the product has of ours."""
    text = (EXPORTS / f"{name}-outcomes.csv").read_bytes().decode()
    for key in KEYS:
        ours = f"rx-{key.lower()}"
        text = text.replace(f"ID{key[-1]},", f"{task_id(ours)},") if name == "espocrm" else text.replace(key, ours)
    return text.encode()


def states(book: Book) -> dict[str, tuple[str, str | None, str | None]]:
    row = t.TaskRow
    with book.database.reading() as connection:
        found = connection.execute(select(row.key, row.state, row.outcome, row.outcome_notes))
        return {one.key[-1]: (one.state, one.outcome, one.outcome_notes) for one in found}


LEFT_OUT = {
    "hubspot": {"still open": 1, "not from reengage": 1, "taken back by reengage": 1},
    "salesforce": {"still open": 1, "not from reengage": 1, "taken back by reengage": 1},
    "pipedrive": {"still open": 1, "not from reengage": 1, "taken back by reengage": 1},
    "espocrm": {"still open": 1, "not from reengage": 1},
    "odoo": {"still open": 1, "not from reengage": 1, "taken back by reengage": 1},
}


@pytest.mark.parametrize("name", PRESETS)
def test_tasks_come_back_under_the_products_ids(tasks: Book, name: str) -> None:
    report = tasks.take(import_outcomes, name, outcomes_of(name))
    assert (report.bad, report.left_out) == ([], LEFT_OUT[name])
    assert not any("INCIDENT" in remark for remark in report.remarks)
    found = states(tasks)
    assert found["1"][:2] == ("completed", None if name == "pipedrive" else "meeting")
    assert found["2"] == ("delivered", None, None)
    ends = {"salesforce": "deleted", "pipedrive": "deleted", "espocrm": "cancelled"}
    assert found["4"][0] == ends.get(name, "delivered")
    assert found["5"][0] == "delivered"
    row = t.TaskRow
    with tasks.database.reading() as connection:
        closed_at = connection.execute(select(row.closed_at).where(row.key == "rx-key1")).scalar_one()
    assert closed_at.astimezone(ZoneInfo(tasks.project.settings.zone)).date() == date(2026, 6, 2)
    again = tasks.take(import_outcomes, name, outcomes_of(name))
    assert (again.changed, states(tasks)) == (0, found)


@pytest.mark.parametrize("name", ["hubspot", "salesforce", "espocrm", "odoo"])
def test_a_disposition_that_says_stop_closes_the_person_at_once(tasks: Book, name: str) -> None:
    tasks.take(import_outcomes, name, outcomes_of(name))
    standing = tasks.standing("C-3")
    assert standing.everywhere
    assert standing.provisional is (name != "espocrm")
    assert not tasks.standing("C-1").everywhere
    state, _, notes = states(tasks)["3"]
    assert state in ("completed", "cancelled")
    assert name == "espocrm" or notes


def test_a_stop_written_into_an_open_task_counts(tasks: Book) -> None:
    text = "Reengage_Key__c,Status,CallDisposition\nrx-key2,In Progress,unsubscribe me\n"
    report = tasks.take(import_outcomes, "salesforce", text)
    assert report.left_out == {"still open": 1}
    assert tasks.standing("C-2").everywhere


def test_a_due_date_in_the_completion_column_ends_nothing(tasks: Book) -> None:
    head = "Task Status,Task Notes,Completed at,Last modified date\n"
    tasks.take(import_outcomes, "hubspot", head + "In progress,[reengage:rx-key1],2026-05-30 09:00,2026-05-30 09:00\n")
    assert states(tasks)["1"] == ("delivered", None, None)


def test_what_was_not_completed_ended_when_it_was_last_changed(tasks: Book) -> None:
    head = "Reengage_Key__c,Status,IsDeleted,CompletedDateTime,LastModifiedDate\n"
    text = head + "rx-key1,Not Started,true,2026-01-05T09:00:00.000Z,2026-06-02T11:00:00.000Z\n"
    tasks.take(import_outcomes, "salesforce", text)
    row = t.TaskRow
    with tasks.database.reading() as connection:
        closed_at = connection.execute(select(row.closed_at).where(row.state == "deleted")).scalar_one()
    assert closed_at.date() == date(2026, 6, 2)


def test_a_status_and_a_moment_nobody_can_read(tasks: Book) -> None:
    text = "Reengage_Key__c,Status,CompletedDateTime\nrx-key1,Geparkt,\nrx-key2,Completed,02/06/26\nrx-9,Completed,\n"
    report = tasks.take(import_outcomes, "salesforce", text)
    assert [line for line, _ in report.bad] == [2, 4]
    assert 'status "Geparkt" is not one of completed, cancelled, deleted' in report.bad[0][1]
    assert "counts as ended now" in report.remarks[0]
    assert states(tasks)["2"][0] == "completed"


def test_the_last_mark_in_a_text_counts_and_markup_does_not_hide_it(tasks: Book) -> None:
    text = 'Done,Activity - Note\n1,"<p>quoted [reengage:rx-key2]</p><p>more<br>[reengage:rx-key1]</p>"\n'
    tasks.take(import_outcomes, "pipedrive", text)
    assert (states(tasks)["1"][0], states(tasks)["2"][0]) == ("completed", "delivered")


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ("Done,", "completed"),
        (",True", "delivered"),
        (",", "completed"),
        ("Planned,True", "delivered"),
        ("Overdue,", "delivered"),
    ],
)
def test_odoo_archives_what_is_done(tasks: Book, cells: str, state: str) -> None:
    tasks.take(import_outcomes, "odoo", f"External ID,State,Active\nreengage.rx-key1,{cells}\n")
    assert states(tasks)["1"][0] == state


def every_reading() -> Iterator[tuple[str, Any, Any]]:
    for preset in PRESETS.values():
        yield from ((f"{preset.name} {kind}", kind, reading) for kind, reading in preset.readings.items())


@pytest.mark.parametrize(
    ("kind", "reading"), [one[1:] for one in every_reading()], ids=[one[0] for one in every_reading()]
)
def test_the_tables_hold_together(kind: str, reading: Any) -> None:
    own = {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES}[kind].columns
    between = {
        *("ignore", "full_name", "owner_name", "is_company", "is_deleted", "merged_into", "email_data", "phone_data"),
        *(
            "external_id",
            "either_id",
            "record_id",
            "text",
            "subject",
            "completed_at",
            "modified_at",
            "is_done",
            "active",
        ),
        *("first_name", "last_name"),
    }
    assert set(reading.columns.values()) <= {*own, *between}
    spelled = [plain(heading) for heading in reading.columns]
    assert all(reading.column(heading) == column for heading, column in reading.columns.items()) or len(spelled) > len(
        set(spelled)
    )
    assert not set(map(plain, reading.flags)) & set(map(plain, reading.quiet))


def test_the_command_line_knows_every_preset_and_no_other() -> None:
    assert [one.value for one in PresetName] == list(PRESETS)


def test_files_of_our_own_look_like_nobodys(project: Project) -> None:
    for kind in (CONTACTS, OWNERS, OUTCOMES):
        strange = "a heading of ours that looks like a stop: opt-out"
        with pytest.raises(ReengageError) as caught:
            read_headings((*kind.columns, strange), kind, project, None, project.folder / "own.csv")
        assert "--preset" not in str(caught.value.help)


ROUND_TRIP = {
    "hubspot": ("Notes", "Task Notes", "Task Status", "Completed"),
    "salesforce": ("Reengage_Key__c", "Reengage_Key__c", "Status", "Completed"),
    "pipedrive": ("Activity - Note", "Activity - Note", "Activity - Done", "Done"),
    "espocrm": ("id", "id", "status", "Completed"),
    "odoo": ("id", "External ID", "State", "Done"),
}


@pytest.mark.parametrize("name", PRESETS)
def test_what_came_by_preset_goes_out_and_comes_back(book: Book, name: str) -> None:
    book.sample(import_owners, name, "owners")
    book.sample(import_contacts, name, "contacts")
    with book.database.writing() as connection:
        connection.execute(insert(t.RunRow), {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 1})
        dana = connection.execute(select(t.ContactRow.id).order_by(t.ContactRow.id)).scalars().first()
        connection.execute(insert(t.TaskRow), a_task("rx-0123456789abcdef0123", int(str(dana))))
    done = export_tasks(book.database, book.project, name, None, AT)
    assert (done.tasks, done.incomplete) == (1, 0)
    leaves, returns, status, word = ROUND_TRIP[name]
    (file,) = (one for one in done.files if one.suffix == ".csv")
    (task,) = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    report = book.take(import_outcomes, name, f"{returns},{status}\n{quoted(task[leaves])},{word}\n")
    assert (report.bad, report.left_out, report.changed) == ([], {}, 1)
    assert states(book)["3"][0] == "completed"


CELLS = st.sampled_from(["", "true", "false", "1", "0", "Yes", "No", "perhaps"])


@given(st.sampled_from(list(PRESETS)), st.data())
def test_any_flag_that_says_no_denies(project: Project, name: str, data: st.DataObject) -> None:
    _, flags = all_flags(PRESETS[name])
    cells = [data.draw(CELLS) for _ in flags]
    path = project.folder / "any.csv"
    head = ",".join([id_heading(PRESETS[name]), *map(quoted, flags)])
    path.write_text(f"{head}\n7,{','.join(cells)}\n", encoding="utf-8")
    (row,) = open_sheet(path, CONTACTS, project, PRESETS[name]).rows()
    said = {(channel, kind) for channel, kind in stops_of(row)}
    for flag, cell in zip(flags.values(), cells, strict=True):
        if (verdict := flag.read(cell)) is not False:
            assert {(flag.channel, EntryKind.OPT_OUT)} & said or (
                verdict is None and (flag.channel, EntryKind.PROVISIONAL) in said
            )
    assert len({channel for channel, _ in said}) == len(said)
    assert bool(said) == any(flag.read(cell) is not False for flag, cell in zip(flags.values(), cells, strict=True))


def stops_of(row: Any) -> list[tuple[Channel | None, EntryKind]]:
    stops = contacts._flagged(row, {"contact_id": 1})
    return [(stop.channels[0] if stop.channels else None, stop.kind) for stop in stops]
