"""What reps did all day comes in as totals: the same again changes nothing, what cannot be is kept back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from reengage.app.imports import activities as importing
from reengage.app.imports.activities import MOST, import_activities
from reengage.app.imports.sheet import CHUNK, Report, Row, Unusable
from reengage.model.errors import ReengageError
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.story import make_project

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
HEAD = "rep_email,day,sends,dials,voicemails,contacts_researched,scripts_tested,complaints,unsubscribes\n"
ONE = "Tom@us.example,2026-05-29,40,82,10,5,1,0,2\n"


class Log:
    """A project that takes in activities."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.project = database, make_project(folder / "project")

    def take(self, text: str, at: datetime = AT) -> Report:
        file = self.project.folder / "activities.csv"
        file.write_text(text, encoding="utf-8")
        return import_activities(self.database, self.project, file, at)

    def rows(self) -> list[dict[str, Any]]:
        with self.database.reading() as connection:
            row = t.ActivityRow
            return [
                dict(one)
                for one in connection.execute(select(row.__table__).order_by(row.rep_email, row.day)).mappings()
            ]


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def test_a_row_per_rep_and_day(log: Log) -> None:
    report = log.take(HEAD + ONE + "zoe@us.example,2026-05-29,,9,,,,,\n")
    assert (report.rows, report.changed, report.bad, report.ignored) == (2, 2, [], ())
    tom, zoe = log.rows()
    assert (tom["rep_email"], tom["day"], tom["dials"], tom["unsubscribes"]) == (
        "tom@us.example",
        date(2026, 5, 29),
        82,
        2,
    )
    assert (zoe["dials"], zoe["sends"], zoe["recorded_at"]) == (9, 0, AT)


def test_the_same_again_changes_nothing_and_a_changed_row_replaces(log: Log) -> None:
    log.take(HEAD + ONE)
    before = log.rows()
    assert log.take(HEAD + ONE + ONE, AT + timedelta(hours=1)).changed == 0
    assert log.rows() == before
    assert log.take(HEAD + ONE.replace("82", "85"), AT + timedelta(hours=2)).changed == 1
    (row,) = log.rows()
    assert (row["dials"], row["sends"]) == (85, 40)


def test_what_another_tool_does_not_say_stays(log: Log) -> None:
    log.take(HEAD + ONE)
    assert log.take("rep_email,day,dials\ntom@us.example,2026-05-29,90\n").changed == 1
    (row,) = log.rows()
    assert (row["dials"], row["sends"], row["unsubscribes"]) == (90, 40, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("tom,2026-05-29,1,,,,,,", "rep_email cannot be read"),
        ("tom@us.example,,1,,,,,,", "day is empty"),
        ("tom@us.example,29.05.2026,1,,,,,,", 'day "29.05.2026" is not a date like 2026-10-01'),
        ("tom@us.example,2026-06-02,1,,,,,,", "day 2026-06-02 lies in the future"),
        ("tom@us.example,1900-06-02,1,,,,,,", "day 1900-06-02 lies before 1970"),
        ("tom@us.example,2026-05-29,-1,,,,,,", 'sends "-1" is less than nothing'),
        ("tom@us.example,2026-05-29,,1.5,,,,,", 'dials "1.5" is not a whole number'),
        ("tom@us.example,2026-05-29,,many,,,,,", 'dials "many" is not a whole number'),
        ("tom@us.example,2026-05-29,,999999999,,,,,", "dials 999,999,999 is more than one rep does in a day"),
        ("tom@us.example,2026-05-29,,,,,,,", "no number is given"),
    ],
)
def test_what_cannot_be_is_kept_back_and_says_why(log: Log, row: str, reason: str) -> None:
    report = log.take(HEAD + ONE.replace("29", "28") + row + "\n")
    assert report.bad == [(3, reason)]
    assert len(log.rows()) == 1


def test_a_day_that_has_begun_in_the_far_east_is_not_the_future(log: Log) -> None:
    assert log.take(HEAD + ONE.replace("2026-05-29", "2026-06-02"), AT.replace(hour=11)).bad == []


def test_two_rows_that_differ_on_one_day_never_fight(log: Log) -> None:
    filler = "".join(f"r{number}@us.example,2026-05-29,1,,,,,,\n" for number in range(CHUNK))
    text = HEAD + ONE + filler + ONE.replace("82", "83")
    for _ in range(2):
        report = log.take(text)
        assert report.bad == [(CHUNK + 3, "line 2 says something else of the same rep and day")]
    assert report.changed == 0
    assert next(row["dials"] for row in log.rows() if row["rep_email"] == "tom@us.example") == 82


def test_unknown_columns_are_listed_and_a_missing_one_stops_the_file(log: Log) -> None:
    assert log.take(HEAD.strip() + ",mood\n" + ONE.strip() + ",fine\n").ignored == ("mood",)
    with pytest.raises(ReengageError, match='needs the column "day"'):
        log.take("rep_email,dials\ntom@us.example,3\n")


@given(st.text(max_size=12))
def test_any_cell_is_a_number_from_0_on_or_refused_in_our_words(cell: str) -> None:
    row = Row(2, {"rep_email": "tom@us.example", "day": "2026-05-29", "dials": cell}, "")
    with suppress(Unusable):
        (_, counts) = importing._parse(row, AT)
        assert 0 <= counts["dials"] <= MOST
