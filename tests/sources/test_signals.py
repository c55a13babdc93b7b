"""From rows to signals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reengage.model.errors import ReengageError
from reengage.model.words import Certainty
from reengage.sources.rows import CLIP, Bad
from reengage.sources.signals import read_anyway
from tests.sources.project import RECEIVED_AT, Project, goods, reasons

VISITS = """\
name: visits
kind: csv
path: signals/*.csv
signal: visit
occurred_at: Day
map: {email: Email, domain: Domain, facts.page: Page}
"""
INTENT = """\
name: topics
kind: jsonl
path: signals/*.jsonl
signal: intent
occurred_at: at
map:
  domain: org.domain
  emails: people[].mail
  crm.espocrm: ids.espo
  vendor.g2: ids.g2
  certainty: sure
  facts.topic: topic
  facts.score: score
"""
HEADINGS = "Day,Email,Domain,Page\n"
ENVELOPE: dict[str, Any] = {
    "id": "1",
    "source": "desk",
    "type": "visit",
    "time": "2026-10-01T09:00:00+02:00",
    "keys": {"domain": "acme.example"},
    "facts": {"page": "/pricing"},
}


def envelope(project: Project, **changes: Any) -> list[str]:
    """Why an envelope with these changes is bad."""
    connector = project.connector("name: envelope\nkind: jsonl\npath: '*.jsonl'\n")
    return reasons(project.read(connector, json.dumps({**ENVELOPE, **changes})))


def test_a_row_becomes_a_signal(project: Project) -> None:
    (row,) = goods(project.read(project.connector(VISITS), HEADINGS + "2026-10-01,,acme.example,/pricing\n"))
    assert row.line == 2
    assert (row.signal.source, row.signal.kind) == ("visits", "visit")
    assert row.signal.occurred_at == datetime(2026, 10, 1, tzinfo=UTC)
    assert row.signal.received_at == RECEIVED_AT
    assert (row.signal.keys.email, row.signal.keys.domain) == (None, "acme.example")
    assert row.signal.facts == {"page": "/pricing"}


def test_the_same_record_has_the_same_id_for_ever(project: Project) -> None:
    row = "2026-10-01,,acme.example,/pricing\n"
    rows = goods(project.read(project.connector(VISITS), HEADINGS + row + row + row.replace("pricing", "about")))
    first, again, other = (row.signal.id for row in rows)
    assert first == again != other
    assert first == "786cac7fc37731227861bb2d7a8a23bbd452129ab8cb957b803cda53f024b014"


def test_a_json_record_by_its_map(project: Project) -> None:
    record = {
        "at": "2026-10-01T09:00:00Z",
        "org": {"domain": "acme.example"},
        "people": [{"mail": "a@acme.example"}, {"mail": "b@acme.example"}],
        "ids": {"espo": "6522ab", "g2": 42},
        "sure": "Likely",
        "topic": " crm   migration ",
        "score": "1,200",
    }
    (row,) = goods(project.read(project.connector(INTENT), json.dumps(record)))
    assert row.signal.keys.emails == ("a@acme.example", "b@acme.example")
    assert (row.signal.keys.crm, row.signal.keys.vendor) == ({"espocrm": "6522ab"}, {"g2": "42"})
    assert row.signal.certainty is Certainty.LIKELY
    assert row.signal.facts == {"topic": "crm migration", "score": 1200}


@pytest.mark.parametrize(
    ("extra", "row", "reason"),
    [
        ("", "2026-10-01,,,/pricing", "no key says whom this concerns"),
        ("", ",,acme.example,/", '"occurred_at" is missing'),
        ("", "1790812800000,,acme.example,/", '"1790812800000" is not a date'),
        ("", "2026-13-45,,acme.example,/", '"2026-13-45" is not a date'),
        ("", "2026-10-01T12:00:60Z,,acme.example,/", '"2026-10-01T12:00:60Z" is not a date'),
        ("", "0001-01-01T00:00:00Z,,acme.example,/", '"0001-01-01T00:00:00Z" is not between 1970 and 2199'),
        ("", "9999-12-31T23:00-12:00,,acme.example,/", '"9999-12-31T23:00-12:00" is not between 1970 and 2199'),
        ("require: [email]", "2026-10-01,,acme.example,/", '"email" is missing'),
        ("require_any: [email, facts.page]", "2026-10-01, ,acme.example,", "none of email, facts.page is there"),
        ("id: Email", "2026-10-01,,acme.example,/", '"id" is missing'),
        ("id: to_number(Email)", "2026-10-01,,acme.example,/", '"id" is missing'),
        ("id: join('-', Email)", "2026-10-01,,acme.example,/", None),
        ("", f"2026-10-01,,{'x' * 501},/", '"domain" is longer than 500 characters'),
        ("", "2026-10-01,acme.example,/", "3 cells where 4 are expected"),
    ],
)
def test_why_a_row_is_bad(project: Project, extra: str, row: str, reason: str | None) -> None:
    rows = project.read(project.connector(VISITS + extra), f"{HEADINGS}{row}\n2026-10-01,a@b.example,acme.example,/\n")
    bad = [found for found in rows if isinstance(found, Bad)]
    assert [found.line for found in bad][:1] == [2]
    assert bad[0].reason == (reason or "\"join('-', Email)\" meets a value that is missing or of another kind")
    assert bad[0].raw == row


def test_dates_of_a_vendor(project: Project) -> None:
    extra = 'date_formats: ["%d.%m.%Y", "%Y-%m-%d %H:%M:%S.%f"]\ntimezone: Europe/Berlin\n'
    days = ("01.10.2026", "2026-10-01 14:32:11.412", "2026-10-01T08:00:00+00:00")
    content = HEADINGS + "".join(f"{day},,acme.example,/\n" for day in days)
    assert [
        row.signal.occurred_at.isoformat() for row in goods(project.read(project.connector(VISITS + extra), content))
    ] == [
        "2026-09-30T22:00:00+00:00",
        "2026-10-01T12:32:11.412000+00:00",
        "2026-10-01T08:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("form", "text", "moment"),
    [
        ("unix_s", "1790812801", "2026-10-01T00:00:01+00:00"),
        ("unix_ms", "1790812801250", "2026-10-01T00:00:01.250000+00:00"),
        ("unix_ms", "2026-10-01", "2026-10-01T00:00:00+00:00"),
        ("unix_s", "1790812801250", None),
        ("unix_ms", "9999999999999999", None),
        ("unix_ms", "99999999999999999", None),
        ("unix_s", "-5", None),
        ("unix_s", "١٧٩٠٨١٢٨٠١", None),
    ],
)
def test_numbers_since_1970(project: Project, form: str, text: str, moment: str | None) -> None:
    rows = project.read(
        project.connector(f"{VISITS}date_formats: [{form}]\ntimezone: UTC\n"), f"{HEADINGS}{text},,acme.example,/\n"
    )
    assert [row.signal.occurred_at.isoformat() for row in goods(rows)] == ([moment] if moment else [])


def test_a_row_that_is_not_wanted_is_neither_good_nor_bad(project: Project) -> None:
    connector = project.connector(VISITS + "keep_if: facts.page == '/pricing'\n")
    rows = project.read(connector, HEADINGS + "2026-10-01,,acme.example,/\n2026-10-01,,acme.example,/pricing\n")
    assert [row.line for row in rows] == [3]


def test_a_file_without_headings(project: Project) -> None:
    connector = project.connector(
        "name: bombora\nkind: csv\npath: x.csv\nsignal: intent\nfile_facts: '(?P<week>[0-9-]{10})'\n"
        "csv: {header: false, columns: [Name, Domain, Topic, Score]}\n"
        "occurred_at: _file.week\nmap: {domain: Domain, facts.topic: Topic, facts.score: Score}\n"
    )
    rows = project.read(connector, "northwind,northwind.example,crm,83\n", "surge_2026-10-05.csv")
    assert [(row.line, row.signal.facts) for row in goods(rows)] == [(1, {"topic": "crm", "score": 83})]
    with pytest.raises(ReengageError, match="the file's name does not say what it should"):
        project.read(connector, "northwind,northwind.example,crm,83\n", "surge.csv")


def test_a_renamed_column_refuses_the_file(project: Project) -> None:
    with pytest.raises(ReengageError, match='the file has no column "Page"') as refused:
        project.read(project.connector(VISITS), "Day,Email,Domain,Url\n2026-10-01,,acme.example,/\n")
    assert refused.value.help == "facts.page reads it; the headings are Day, Email, Domain, Url"


def test_one_of_two_columns_is_enough(project: Project) -> None:
    connector = project.connector(VISITS.replace("facts.page: Page", "facts.page: Page || Url"))
    assert len(goods(project.read(connector, "Day,Email,Domain,Url\n2026-10-01,,acme.example,/\n"))) == 1


@pytest.mark.parametrize(("bad", "total", "refused"), [(5, 20, True), (4, 20, False), (18, 19, False)])
def test_a_file_that_changed_its_shape_is_refused_whole(project: Project, bad: int, total: int, refused: bool) -> None:
    lines = ["never,,acme.example,/\n"] * bad + ["2026-10-01,,acme.example,/\n"] * (total - bad)
    connector = project.connector(VISITS)
    if not refused:
        assert len(reasons(project.read(connector, HEADINGS + "".join(lines)))) == bad
        return
    with pytest.raises(ReengageError, match="5 of 20 rows cannot be read") as problem:
        project.read(connector, HEADINGS + "".join(lines))
    assert problem.value.help == 'the first one: "never" is not a date'
    assert str(problem.value.where).endswith("rows:2")


def test_an_envelope(project: Project) -> None:
    connector = project.connector("name: envelope\nkind: jsonl\npath: '*.jsonl'\n")
    later = {**ENVELOPE, "received_at": "2026-10-02T09:00:00Z", "certainty": "confirmed"}
    content = f"\ufeff{json.dumps(ENVELOPE)}\r\n\r\n{json.dumps(later)}"
    first, second = goods(project.read(connector, content))
    assert (first.line, second.line) == (1, 3)
    assert (first.signal.source, first.signal.id) == ("desk", "1")
    assert first.signal.occurred_at == datetime(2026, 10, 1, 7, tzinfo=UTC)
    assert first.signal.received_at == RECEIVED_AT
    assert second.signal.received_at == datetime(2026, 10, 2, 9, tzinfo=UTC)
    assert second.signal.certainty is Certainty.CONFIRMED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, '"id" is missing'),
        ({"id": True}, '"id" is not a text'),
        ({"source": " "}, '"source" is missing'),
        ({"time": None}, '"time" is missing'),
        ({"time": "2026-10-01T09:00:00"}, '"2026-10-01T09:00:00" has no offset; a moment reads 2026-10-01T09:00:00Z'),
        ({"time": "2026-10-01"}, '"2026-10-01" has no offset; a moment reads 2026-10-01T09:00:00Z'),
        ({"received_at": "soon"}, '"soon" is not a date'),
        ({"type": "vist"}, 'unknown type "vist"; did you mean "visit"?'),
        ({"type": "snooze_ended"}, None),
        ({"type": "timer"}, "a timer comes from a connector of kind timer, not from a file"),
        ({"certainty": "sure"}, '"certainty" is "sure"; expected one of confirmed, likely, uncertain'),
        ({"keys": {}}, "no key says whom this concerns"),
        ({"keys": {"email": ""}}, "no key says whom this concerns"),
        ({"keys": {"mail": "x"}}, 'keys has no "mail"; did you mean "email"?'),
        ({"keys": {"email": ["x"]}}, '"email" is not a text'),
        ({"keys": {"crm": "7"}}, '"crm" is not a list of systems with their ids'),
        ({"keys": []}, '"keys" is not a block of names and values'),
        ({"facts": {"pge": "/"}}, 'visit has no fact "pge"; it has page'),
        ({"facts": {"page": {"a": 1}}}, '"page" is not a word'),
        ({"sorce": "desk"}, 'the envelope has no "sorce"; did you mean "source"?'),
    ],
)
def test_why_an_envelope_is_bad(project: Project, changes: dict[str, Any], reason: str | None) -> None:
    (found,) = envelope(project, **changes)
    assert found == reason or (reason is None and found.startswith('unknown type "snooze_ended"'))


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine the first example takes seconds
@given(st.dictionaries(st.sampled_from(list(ENVELOPE)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["email", "crm"]), inner, max_size=2),
    max_leaves=4,
)))  # fmt: skip
def test_no_envelope_brings_a_traceback(tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]) -> None:
    project = Project(tmp_path_factory.getbasetemp() / "any")
    assert all("pydantic" not in reason for reason in envelope(project, **changes))


def test_a_bad_row_is_clipped_when_judged_and_whole_when_read_anyway(project: Project) -> None:
    connector = project.connector("name: envelope\nkind: jsonl\npath: '*.jsonl'\n")
    content = '{"id": "' + "x" * 5_000
    (clipped,) = project.read(connector, content)
    (whole,) = read_anyway(connector, project.folder / "rows", RECEIVED_AT)
    assert isinstance(clipped, Bad) and isinstance(whole, Bad)
    assert (len(clipped.raw), whole.raw) == (CLIP + 1, content)
