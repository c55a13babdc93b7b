"""Those who hear stops outside of here: when last heard, who is overdue, and that none of them lifts a stop."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reengage.app.doctor import Finding, examine
from reengage.app.elsewhere import GRACE, Heard, Source, find_source, listen, overdue
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.sheet import Report
from reengage.app.imports.stops import import_flags, import_opt_outs
from reengage.app.ingest import ingest
from reengage.app.project import Project, read_project
from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.language.tree import Span
from reengage.model.errors import ReengageError, UsageError
from reengage.model.optout import Standing
from reengage.model.words import Channel
from reengage.store import optouts, people, runs
from reengage.store.database import Database
from tests.app.story import make_project

AT = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCES = """
[opt_outs.from]
mailchimp = {every = "1 day"}
hubspot = {every = "7 days", connector = "stops"}
"""
STOPS = """
name: stops
kind: csv
path: signals/stops/*.csv
signal: opt_out
occurred_at: At
map: {email: Email, facts.words: Words, facts.channels: Channels}
"""
CONTACTS = "contact_id,email,opted_out\nC1,dana@initech.example,{}\nC2,sam@initech.example,\n"
DANA = "email,channels\ndana@initech.example,\n"
NOBODY = "email,channels\n"


class Desk:
    """A project with two contacts, one source that sends files and one that comes by a connector."""

    def __init__(self, database: Database, folder: Path, settings: str = SOURCES) -> None:
        self.database = database
        self.project = make_project(folder, settings)
        (folder / "connectors" / "stops.yaml").write_text(STOPS, encoding="utf-8")
        (folder / "signals" / "stops").mkdir()
        self.contacts("")

    def contacts(self, flag: str, at: datetime = AT) -> Report:
        return import_contacts(self.database, self.project, self.write("contacts.csv", CONTACTS.format(flag)), at)

    def write(self, name: str, text: str) -> Path:
        path = self.project.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def take(self, text: str, at: datetime, name: str = "mailchimp") -> Report:
        source = find_source(self.project.sources, name)
        return import_opt_outs(self.database, self.project, self.write("stops.csv", text), at, source=source)

    def drop(self, at: datetime, *rows: str, name: str = "a") -> None:
        self.write(f"signals/stops/{name}.csv", "\n".join(("Email,At,Words,Channels", *rows)) + "\n")
        ingest(self.database, self.project, at)

    def heard(self, at: datetime) -> dict[str, Heard]:
        with self.database.reading() as connection:
            return {one.source.name: one for one in listen(connection, self.project.sources, at)}

    def last(self, source: str, at: datetime = AT + 30 * DAY) -> datetime | None:
        return self.heard(at)[source].last

    def standing(self, key: str) -> Standing:
        with self.database.reading() as connection:
            id = people.find_contacts(connection, [("import", key)])["import", key]
            return optouts.standings(connection, [id])[id]

    def notices(self, at: datetime, **how: bool) -> tuple[str, ...]:
        return run(self.database, self.project, Order(at, **how), start=InProcess).notices

    def runs(self) -> int | None:
        with self.database.reading() as connection:
            last = runs.last_run(connection)
            return last.id if last else None


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path / "project")


def test_a_source_of_files_is_heard_whenever_a_whole_one_is_imported_also_with_nothing_new(desk: Desk) -> None:
    assert desk.last("mailchimp") is None
    for number, text in enumerate((DANA, DANA, NOBODY, NOBODY)):
        desk.take(text, AT + number * DAY)
        assert desk.last("mailchimp") == AT + number * DAY
    assert desk.last("mailchimp", at=AT + DAY) == AT + DAY
    assert desk.last("hubspot") is None


def test_a_crms_flags_are_heard_with_its_contacts(desk: Desk) -> None:
    (mailchimp, _), path = desk.project.sources, desk.write("contacts.csv", CONTACTS.format("TRUE"))
    assert import_flags(desk.database, desk.project, path, AT, source=mailchimp).rows == 2
    assert (desk.last("mailchimp"), desk.standing("C1").everywhere) == (AT, True)
    path.write_text("contact_id,email\nC1,dana@initech.example\n", encoding="utf-8")
    with pytest.raises(ReengageError, match="no column says who has opted out"):
        import_flags(desk.database, desk.project, path, AT + DAY, source=mailchimp)
    assert desk.last("mailchimp") == AT


def test_a_file_that_cannot_be_taken_in_is_not_heard(desk: Desk) -> None:
    with pytest.raises(ReengageError, match="needs one of the columns"):
        desk.take("Address\ndana@initech.example\n", AT)
    assert desk.last("mailchimp") is None


def test_what_a_file_says_stands_in_the_ledger_under_its_source(desk: Desk) -> None:
    desk.take(DANA, AT)
    assert desk.standing("C1").source == "mailchimp"
    desk.take("email,source\nsam@initech.example,web form\n", AT)
    assert desk.standing("C2").source == "web form"


def test_a_source_by_connector_is_heard_with_each_file_that_comes_but_not_with_one_that_lies_there(desk: Desk) -> None:
    desk.drop(AT)
    assert desk.last("hubspot") == AT
    ingest(desk.database, desk.project, AT + DAY)
    assert desk.last("hubspot") == AT
    desk.drop(AT + 2 * DAY, name="b")
    assert desk.last("hubspot") == AT + 2 * DAY
    again = desk.project.folder / "signals" / "stops" / "b.csv"
    os.utime(again, ns=(0, again.stat().st_mtime_ns + 1))
    ingest(desk.database, desk.project, AT + 3 * DAY)
    assert desk.last("hubspot") == AT + 3 * DAY
    assert desk.last("mailchimp") is None


def test_a_connectors_file_that_is_refused_is_not_heard(desk: Desk) -> None:
    desk.write("signals/stops/a.csv", "Other\nheadings\n")
    ingest(desk.database, desk.project, AT)
    assert desk.last("hubspot") is None


def test_by_hand_counts_too_where_a_connector_is_named(desk: Desk) -> None:
    desk.drop(AT)
    desk.take(DANA, AT + DAY, "hubspot")
    assert desk.last("hubspot") == AT + DAY


@pytest.mark.parametrize("every", [Span(1, "day"), Span(2, "week"), Span(1, "month")], ids=str)
def test_overdue_begins_with_the_promised_interval_and_its_grace(every: Span) -> None:
    source, due = Source("mailchimp", every), every.after(AT) + GRACE
    assert not Heard(source, AT, AT - DAY).is_overdue
    assert not Heard(source, AT, due).is_overdue
    assert Heard(source, AT, due + timedelta(microseconds=1)).is_overdue
    assert Heard(source, None, AT).is_overdue


def test_a_slow_source_is_called_a_batch() -> None:
    weekly = Heard(Source("hubspot", Span(7, "day")), AT, AT)
    assert weekly.told("UTC") == (
        "stops from hubspot: last heard 2026-11-20 06:00, a batch every 7 days: "
        "someone who says stop there can be contacted from here for up to 7 days"
    )
    quick = Heard(Source("mailchimp", Span(2, "day")), AT, AT)
    assert quick.told("Europe/Berlin") == "stops from mailchimp: last heard 2026-11-20 07:00, promises 2 days"
    assert not overdue([weekly, quick], "UTC")


def test_a_run_names_who_was_never_heard_and_who_is_overdue(desk: Desk) -> None:
    never = desk.notices(AT, dry_run=True)
    assert [notice for notice in never if "hubspot" in notice] == [
        "stops from hubspot: never heard, a batch every 7 days: overdue, so whoever has said stop there may still be "
        "contacted from here (reengage ingest stops)"
    ]
    desk.drop(AT)
    desk.take(NOBODY, AT)
    assert not [notice for notice in desk.notices(AT + DAY) if "stops from" in notice]
    late = desk.notices(AT + DAY + GRACE + timedelta(minutes=1))
    assert [notice for notice in late if "stops from" in notice] == [
        "stops from mailchimp: last heard 2026-11-20 06:00, promises 1 day: overdue, so whoever has said stop there "
        "may still be contacted from here (reengage import opt-outs FILE --source mailchimp)"
    ]
    assert desk.runs() == 2


def test_where_it_says_so_nothing_is_run_while_a_source_is_overdue(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, tmp_path / "p", SOURCES.replace('"1 day"', '"1 day", when_stale = "refuse"'))
    desk.drop(AT)
    with pytest.raises(ReengageError, match=r"mailchimp: never heard.*nothing was written") as refused:
        desk.notices(AT)
    assert refused.value.exit_code == 1
    assert refused.value.help is not None and "--source mailchimp" in refused.value.help
    assert desk.runs() is None
    assert "never heard" in desk.notices(AT, dry_run=True)[0]
    desk.take(NOBODY, AT)
    desk.notices(AT)
    with pytest.raises(ReengageError, match="mailchimp: last heard"):
        desk.notices(AT + 2 * DAY)
    assert desk.runs() == 1


def findings(desk: Desk, at: datetime) -> list[Finding]:
    url = desk.database.engine.url.render_as_string(hide_password=False)
    project = Project(desk.project.folder, url, desk.project.settings, sources=desk.project.sources)
    return [one for one in examine(project, at) if one.what.startswith("stops from")]


def test_doctor_has_a_finding_for_each_source_with_the_fix(desk: Desk) -> None:
    desk.take(NOBODY, AT)
    quick, slow = findings(desk, AT)
    assert (quick.state, quick.fix) == ("ok", "")
    assert (slow.state, slow.fix) == ("warn", "reengage ingest stops")
    desk.drop(AT)
    quick, slow = findings(desk, AT + 2 * DAY)
    assert (quick.state, quick.fix) == ("warn", "reengage import opt-outs FILE --source mailchimp")
    assert (slow.state, "up to 7 days" in slow.what, "daily" in slow.fix) == ("warn", True, True)


@pytest.mark.parametrize(
    ("connector", "says"), [("stop", 'no connector is called "stop"'), ("weekly", "weekly never brings a stop")]
)
def test_doctor_names_a_connector_that_cannot_bring_stops(
    database: Database, tmp_path: Path, connector: str, says: str
) -> None:
    desk = Desk(database, tmp_path / "p", f'[opt_outs.from]\nhubspot = {{every = "1 day", connector = "{connector}"}}')
    wrong, silent = findings(desk, AT)
    assert (wrong.state, says in wrong.what) == ("fail", True)
    assert silent.state == "warn"


@pytest.fixture
def stopped(desk: Desk) -> Desk:
    """Dana said stop in an imported list, Sam in a connector's file."""
    desk.take(DANA, AT)
    desk.drop(AT, "sam@initech.example,2026-11-20,no more mails,")
    return desk


@pytest.mark.parametrize("row", ["", "dana@initech.example,post", "sam@initech.example,email"])
def test_a_later_list_lifts_and_narrows_nothing(stopped: Desk, row: str) -> None:
    before = [stopped.standing(key) for key in ("C1", "C2")]
    stopped.take(f"{NOBODY}{row}\n", AT + DAY)
    assert [stopped.standing(key) for key in ("C1", "C2")] == before
    assert all(one.everywhere for one in before)


@pytest.mark.parametrize("row", ["", "dana@initech.example,2026-11-21,,post", "sam@initech.example,2026-11-21,,email"])
def test_a_connectors_later_file_lifts_and_narrows_nothing(stopped: Desk, row: str) -> None:
    stopped.drop(AT + DAY, *filter(None, [row]), name="b")
    assert stopped.standing("C1").everywhere
    assert stopped.standing("C2").everywhere


@pytest.mark.parametrize("flag", ["FALSE", "no", "0", "", "subscribed"])
def test_a_flag_that_says_false_lifts_nothing(stopped: Desk, flag: str) -> None:
    stopped.contacts(flag, AT + DAY)
    assert stopped.standing("C1").everywhere
    assert stopped.standing("C2").everywhere


def test_a_narrow_stop_grows_with_what_comes_later(desk: Desk) -> None:
    desk.take("email,channels\ndana@initech.example,email\n", AT)
    desk.drop(AT + DAY, "dana@initech.example,2026-11-21,no calls either,phone")
    assert desk.standing("C1").closed >= {Channel.EMAIL, Channel.PHONE}
    desk.take(DANA, AT + 2 * DAY)
    assert desk.standing("C1").everywhere


def settings(folder: Path, table: str) -> Project:
    folder.mkdir(exist_ok=True)
    (folder / "reengage.toml").write_text(f"[opt_outs.from]\n{table}\n", encoding="utf-8")
    return read_project(folder)


def test_sources_as_they_are_written(tmp_path: Path) -> None:
    project = settings(tmp_path, 'a = {every = "1 day"}\n[opt_outs.from.b]\nevery = "2 weeks"\nconnector = "c"')
    assert project.sources == (Source("a", Span(1, "day")), Source("b", Span(2, "week"), "c"))
    assert settings(tmp_path, 'a = {every = "1 day", when_stale = "refuse"}').sources[0].refuses
    assert settings(tmp_path, "").sources == ()


@pytest.mark.parametrize(
    ("table", "message", "help"),
    [
        ('mc = {evry = "1 day"}', "[opt_outs.from.mc] does not say how often", 'mc = {every = "1 day"}'),
        ('mc = "1 day"', "[opt_outs.from.mc] does not say how often", 'mc = {every = "1 day"}'),
        ('mc = {every = "1 day", conector = "x"}', 'unknown key "conector"', 'did you mean "connector"'),
        ('mc = {every = "daily"}', '[opt_outs.from.mc] "daily" is not a duration', "14 days"),
        ('mc = {every = "1d"}', '"1d" is not a duration', 'did you mean "1 day"'),
        ('mc = {every = "6 hours"}', '"6 hours" is not a duration', "the smallest unit is a day"),
        ('mc = {every = "2 business days"}', "business days", "days or weeks"),
        ('mc = {every = "0 days"}', '"0 days" is no interval', '"1 day"'),
        ("mc = {every = 7}", '"7" is not a duration', "14 days"),
        ('mc = {every = "1 day", when_stale = "stop"}', 'when_stale "stop" is not known', "warn, refuse"),
        ('mc = {every = "1 day", connector = 3}', '"connector" must be a text in quotes', None),
        ('"Mail Chimp" = {every = "1 day"}', '"Mail Chimp" cannot be an id', '"mail-chimp"'),
    ],
)
def test_what_is_wrong_with_a_source(tmp_path: Path, table: str, message: str, help: str | None) -> None:
    with pytest.raises(ReengageError) as wrong:
        settings(tmp_path, table)
    assert (wrong.value.where, message in wrong.value.message) == ("reengage.toml", True), wrong.value
    assert (help or "") in (wrong.value.help or "")


@pytest.mark.parametrize(
    ("sources", "help"), [((), "[opt_outs.from]"), ((Source("a", Span(1, "day")),), "there are: a")]
)
def test_a_source_that_is_not_there(sources: tuple[Source, ...], help: str) -> None:
    with pytest.raises(UsageError, match='no source of stops is called "mailchmp"') as wrong:
        find_source(sources, "mailchmp")
    assert wrong.value.help is not None and help in wrong.value.help
