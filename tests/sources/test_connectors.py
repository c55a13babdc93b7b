"""What a connector file may say, and what is said about the others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reengage.language.diagnostic import render
from reengage.model.errors import ReengageError
from reengage.model.facts import Fact, FactType
from reengage.sources.connector import FEWEST_ROWS, MAX_BAD_RATIO
from reengage.sources.connectors import read_sources
from tests.sources.project import Project, goods, reasons

CSV = """\
name: visits
kind: csv
path: signals/*.csv
signal: visit
occurred_at: Day
map: {domain: Domain, facts.page: Page}
"""


def test_a_whole_connector(project: Project) -> None:
    connector = project.connector(
        CSV
        + """\
csv: {encoding: cp1252, delimiter: tab, header: false, columns: [Day, Domain, Page]}
file_facts: '(?P<week>\\d+)'
id: Domain
date_formats: "%d.%m.%Y"
timezone: Europe/Berlin
require: domain
require_any: [facts.page]
keep_if: facts.page
max_bad_ratio: 0.5
"""
    )
    assert (connector.name, connector.kind, connector.path) == ("visits", "csv", "signals/*.csv")
    assert str(connector.at) == "connectors/one.yaml:1:1"
    assert (connector.csv.encoding, connector.csv.delimiter) == ("cp1252", "\t")
    assert connector.csv.columns == ("Day", "Domain", "Page")
    assert connector.max_bad_ratio == 0.5
    assert connector.map is not None
    assert connector.map.date_formats == ("%d.%m.%Y",)
    assert (connector.map.zone, connector.map.require) == ("Europe/Berlin", ("domain",))


def test_a_connector_declares_a_signal_with_typed_facts(project: Project) -> None:
    connector = project.connector(
        CSV.replace("signal: visit", "signal: usage").replace("facts.page: Page", "facts.seats: Seats")
        + "declares:\n  usage: {seats: number, live: flag, plan: [free, team], feature: text}\n"
    )
    rows = "Day,Domain,Seats\n2026-01-05,a.example,12\n2026-01-05,a.example,many\n"
    good, bad = project.read(connector, rows)
    assert (goods([good])[0].signal.kind, goods([good])[0].signal.facts) == ("usage", {"seats": 12})
    assert reasons([bad]) == ['"seats" is not a number']


def test_a_signal_that_one_connector_declares_another_may_bring(project: Project) -> None:
    project.write("connectors/a.yaml", "name: a\nkind: jsonl\npath: a/*.jsonl\n")
    project.write("connectors/b.yaml", f"{CSV}declares: {{usage: {{live: flag}}}}\n")
    (envelope, _), problems = project.load()
    assert problems == ()
    row = {"id": "1", "source": "s", "type": "usage", "time": "2026-01-05T09:00:00Z"}
    row |= {"keys": {"domain": "a.example"}, "facts": {"live": "yes"}}
    assert goods(project.read(envelope, json.dumps(row)))[0].signal.facts == {"live": True}
    assert read_sources(project.folder / "connectors").kinds == {"usage": {"live": Fact("live", FactType.FLAG)}}


def test_a_folder_that_is_not_there_has_no_connectors(tmp_path: Path) -> None:
    assert read_sources(tmp_path / "connectors").connectors == ()


def test_a_folder_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "astray").symlink_to(tmp_path / "nowhere")
    for name in ("file", "loop", "astray"):
        with pytest.raises(ReengageError, match="the folder cannot be read") as problem:
            read_sources(tmp_path / name)
        assert problem.value.where == str(tmp_path / name)
        assert "a folder that you may read" in (problem.value.help or "")


@pytest.mark.parametrize(
    ("declares", "message"),
    [
        ("{visit: {seats: number}}", '"visit" has a meaning already'),
        ("{title: {seats: number}}", '"title" has a meaning already'),
        ("{Usage: {seats: number}}", '"Usage" cannot name a signal'),
        ("{usage: {seats: integer}}", '"seats" has an unknown type "integer"'),
        ("{usage: {seats: date}}", '"seats" has an unknown type "date"'),
        ("{usage: {within: number}}", '"within" has a meaning already'),
        ("{usage: {plan: [free, free]}}", 'the words of "plan" are too many, repeated or none'),
        ("{usage: seats}", "the facts of a signal must be a block of key: value lines"),
        ("[usage]", "declares must be a block of key: value lines"),
    ],
)
def test_a_signal_that_cannot_be_declared_is_told(project: Project, declares: str, message: str) -> None:
    assert message in [told for _, told in project.problems(f"{CSV}declares: {declares}\n")]


def test_two_connectors_that_declare_one_signal_have_to_agree(project: Project) -> None:
    project.write("connectors/a.yaml", f"{CSV}declares: {{usage: {{live: flag}}}}\n")
    problems = project.problems(f"{CSV.replace('visits', 'uses')}declares: {{usage: {{live: text}}}}\n")
    assert problems == [("duplicate-key", 'another connector declares "usage" with other facts')]


def test_our_envelope_needs_three_lines(project: Project) -> None:
    connector = project.connector("name: envelope\nkind: jsonl\npath: signals/*.jsonl\n")
    assert connector.map is None
    assert (connector.max_bad_ratio, FEWEST_ROWS) == (MAX_BAD_RATIO, 20)


def test_an_api_is_asked_from_where_and_how_often(project: Project) -> None:
    asked = "rest: {base_url: https://api.vendor.example, paginator: {type: single_page}}\n"
    more = "cursor: updated\noverlap: 7 days\nstart: 2026-01-01\nevery: 6 hours\nmax_calls: 5\n"
    polling = project.connector(f"name: api\nkind: rest\n{asked}{more}").polling
    assert polling is not None
    assert (polling.overlap, polling.every, polling.max_calls) == (timedelta(days=7), timedelta(hours=6), 5)
    assert polling.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert polling.reads == "https://api.vendor.example/"


def test_a_timer(project: Project) -> None:
    connector = project.connector('name: mornings\nkind: timer\ncron: "0 7 * * mon-fri"\nsignal: timer\n')
    assert connector.timer is not None
    assert (connector.timer.zone, connector.timer.name) == ("UTC", "mornings")


@pytest.mark.parametrize(
    ("text", "check", "message"),
    [
        ("", "wrong-shape", "the file is empty"),
        ("- name", "wrong-shape", "a connector must be a block of key: value lines"),
        ("name: x", "missing-key", 'a connector needs "kind"'),
        ("name: x\nkind: mail", "wrong-value", 'unknown word "mail"'),
        ("name: x\nkind: jsonl", "missing-key", 'a jsonl connector needs "path"'),
        ("name: x\nkind: rest", "missing-key", 'a rest connector needs "rest"'),
        ("name: x\nkind: python", "missing-key", 'a python connector needs "class"'),
        ("name: x\nkind: python\nclass: ../x.py:X", "wrong-value", '"../x.py:X" names no class'),
        (
            "name: x\nkind: python\nclass: x.py:X\noptions: {api_key: abc}",
            "wrong-value",
            "a secret may not stand in a file",
        ),
        ("name: x\nkind: webhook\nverify: {scheme: path}", "missing-key", 'a webhook connector needs "path_token"'),
        (
            "name: x\nkind: webhook\nverify: {scheme: path}\npath_token: abc",
            "wrong-value",
            "a secret may not stand in a file",
        ),
        ("name: x\nkind: webhook\nof: y", "wrong-value", 'no webhook is called "y"'),
        (
            "name: x\nkind: webhook\nof: y\nverify: {scheme: path}",
            "unknown-key",
            '"verify" cannot stand beside of',
        ),
        (CSV + "settle: soon\n", "wrong-value", '"soon" is no such time'),
        (CSV + "settle: 2 hours\n", "wrong-value", '"2 hours" is too long'),
        ("name: x\nkind: timer", "missing-key", 'a timer connector needs "cron"'),
        ("name: x y\nkind: jsonl\npath: a", "wrong-value", '"x y" cannot be an id'),
        ('name: x\nkind: timer\ncron: "0 7 * *"', "wrong-value", '"0 7 * *" is not a schedule of five fields'),
        ("name: x\nkind: timer\ncron: 0 7 * * *\npath: a", "unknown-key", 'unknown key "path" in a timer connector'),
        ("name: x\nkind: timer\ncron: 0 7 * * *\ntimezone: Mars", "wrong-value", '"Mars" is not a time zone'),
        (
            "name: x\nkind: jsonl\npath: a\nsignal: visit\noccurred_at: Day",
            "missing-key",
            'a connector with a map needs "map"',
        ),
        (CSV.replace("path:", "pth:"), "unknown-key", 'unknown key "pth" in a csv connector'),
        (CSV.replace("visit\n", "visits\n"), "wrong-value", 'unknown word "visits"'),
        (CSV.replace("visit\n", "timer\n"), "wrong-value", 'unknown word "timer"'),
        (CSV.replace("visit\n", "snooze_ended\n"), "wrong-value", 'unknown word "snooze_ended"'),
        (CSV.replace("facts.page", "facts.pge"), "unknown-key", 'unknown key "facts.pge" in the map of visit'),
        (CSV.replace("domain: Domain, ", ""), "no-key", "this map does not say whom a signal concerns"),
        (CSV.replace("Page}", "Landing Page}"), "wrong-value", '"Landing Page" is not a JMESPath expression'),
        (CSV.replace("Page}", "a" * 501 + "}"), "wrong-value", "this expression is longer than 500 characters"),
        (CSV + "id: '" + "[" * 400 + "'", "wrong-value", '"' + "[" * 59 + '…" is not a JMESPath expression'),
        (CSV + "require: [email]", "wrong-value", 'unknown word "email"'),
        (CSV + "max_bad_ratio: 20", "wrong-value", '"20" is not a share'),
        (CSV + "date_formats: ['%d/%m']", "wrong-value", '"%d/%m" is not the format of a date'),
        (CSV + "date_formats: ['%Q']", "wrong-value", '"%Q" is not the format of a date'),
        (CSV + "file_facts: '('", "wrong-value", '"(" is not a regular expression'),
        (CSV + "file_facts: '[0-9]+'", "wrong-value", '"[0-9]+" names no part of a file name'),
        (CSV + "csv: {delimiter: pipe}", "wrong-value", 'unknown word "pipe"'),
        (CSV + "csv: {header: false}", "wrong-shape", '"header" and "columns" do not fit'),
        (CSV + "csv: {header: true, columns: [a]}", "wrong-shape", '"header" and "columns" do not fit'),
        (CSV + "name: again", "duplicate-key", 'the key "name" stands twice in this block, first in line 1'),
        ("name: &x a\nkind: jsonl\npath: a", "plain-yaml", "the anchor &x cannot be used"),
    ],
)
def test_what_is_wrong_is_said(project: Project, text: str, check: str, message: str) -> None:
    assert (check, message) in project.problems(text)
    assert project.load()[0] == ()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/etc/passwd", "a path must be relative to the project"),
        ("~/x.csv", "a path must be relative to the project"),
        ("C:/x.csv", "a path must be relative to the project"),
        ("../../x", "a path may not leave the project"),
        ("a/../../b", "a path may not leave the project"),
        ("a\\b.csv", 'the parts of a path are separated by "/"'),
        ("x" * 301, "this is not a path"),
        (".", "this is not a path"),
    ],
)
def test_a_path_stays_in_the_project(project: Project, path: str, message: str) -> None:
    assert ("wrong-value", message) in project.problems(f"name: x\nkind: jsonl\npath: '{path}'\n")


def test_all_problems_of_all_files_in_one_go(project: Project) -> None:
    project.write("connectors/b.yaml", CSV.replace("path:", "pth:").replace("Page}", "Landing Page}"))
    project.write("connectors/a.yaml", "name: x\n")
    project.write("connectors/.hidden.yaml", "nonsense")
    project.write("connectors/x.fixtures/rows.csv", "nonsense")
    connectors, diagnostics = project.load()
    assert connectors == ()
    assert [str(problem.position) for problem in diagnostics] == [
        "connectors/a.yaml:1:1",
        "connectors/b.yaml:1:1",
        "connectors/b.yaml:3:1",
        "connectors/b.yaml:6:35",
    ]
    assert 'did you mean "path"?' in render(diagnostics)
    assert "3 | pth: signals/*.csv" in render(diagnostics)


def test_one_name_in_two_files_names_both(project: Project) -> None:
    project.write("connectors/a.yaml", CSV)
    project.write("connectors/b.yaml", CSV)
    (kept,), (problem,) = project.load()
    assert kept.at.file == "connectors/a.yaml"
    assert str(problem.position) == "connectors/b.yaml:1:1"
    assert problem.message == 'the name "visits" is also that of connectors/a.yaml'


def test_no_folder_means_no_connectors(project: Project) -> None:
    assert project.load() == ((), ())


def test_a_file_of_bytes_is_a_diagnostic(project: Project) -> None:
    project.write("connectors/a.yaml", b"\xff\xfe\x00")
    assert [problem.check for problem in project.load()[1]] == ["plain-yaml"]
