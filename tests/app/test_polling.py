"""Asking APIs: kept before mapped, the cursor after a whole good poll, waits and refusals remembered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reengage.app import elsewhere
from reengage.app.elsewhere import Source
from reengage.app.ingest import ingest, replay
from reengage.app.mapping import Report
from reengage.language.values import calendar_span
from reengage.store import columns as t
from reengage.store import pollings
from tests.app.desk import AT, Desk
from tests.sources.rest.vendor import Answer, Asked, Vendor

NOW = AT + timedelta(hours=2)


def record(number: int, **more: Any) -> dict[str, Any]:
    told = {"id": number, "email": "dana@initech.example", "page": "/pricing", "at": f"2026-05-{number:02}T10:00:00Z"}
    return told | more


def page(*records: dict[str, Any], next_page: str | None = None) -> Answer:
    return Answer({"data": list(records), "next": next_page})


class Api:
    """A connector that asks a vendor on loopback."""

    def __init__(self, desk: Desk, vendor: Vendor) -> None:
        self.desk, self.vendor = desk, vendor
        self.write()

    def write(self, *lines: str, path: str = "visits") -> None:
        address = f"http://127.0.0.1:{self.vendor.port}"
        text = f"""
name: api
kind: rest
rest:
  base_url: {address}
  path: {path}
  params: {{since: "{{since}}"}}
  paginator: {{type: json_link, next_url_path: next}}
records: data
cursor: at
start: 2026-01-01
signal: visit
id: to_string(id)
occurred_at: at
map: {{email: email, facts.page: page}}
"""
        (self.desk.project.folder / "connectors" / "api.yaml").write_text(text + "\n".join(lines), encoding="utf-8")

    def ingest(self, now: datetime = NOW, *names: str) -> Report:
        reports = ingest(self.desk.database, self.desk.project, now, names, wall=now)
        return next(one for one in reports if one.connector == "api")

    @property
    def standing(self) -> pollings.Standing:
        with self.desk.database.reading() as connection:
            return pollings.standings(connection)["api"]

    @property
    def heard(self) -> datetime | None:
        """When it was last heard, as a source of stops."""
        source = Source("vendor", calendar_span("1 day"), "api")
        with self.desk.database.reading() as connection:
            (heard,) = elsewhere.listen(connection, [source], NOW + timedelta(days=9))
        return heard.last

    def since(self) -> list[str]:
        return [one.params["since"][0] for one in self.vendor.asked if "since" in one.params]


@pytest.fixture
def asked(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Api]:
    with Vendor(*request.param) as vendor:
        yield Api(desk, vendor)


def answers(*given: Answer) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("asked", [given], indirect=True, ids=["api"])


@answers(page(record(1), record(3)), page())
def test_the_cursor_follows_the_newest_record_and_is_asked_from(asked: Api) -> None:
    report = asked.ingest()
    assert (report.files, report.rows, report.new, report.refused) == (1, 2, 2, [])
    assert asked.standing.cursor == datetime(2026, 5, 3, 10, tzinfo=UTC)
    asked.write("overlap: 1 day")
    asked.ingest()
    assert [one[:10] for one in asked.since()] == ["2026-01-01", "2026-05-02"]


@answers(page(), page(), page(record(2)), page())
def test_it_is_asked_from_the_start_until_there_is_a_record(asked: Api) -> None:
    """What comes late may be dated before the first poll, which found nothing and was heard all the same."""
    for hours in range(4):
        asked.ingest(NOW + timedelta(hours=hours))
        assert (asked.standing.cursor is None) == (hours < 2)
        assert asked.heard == NOW + timedelta(hours=hours)
    assert [one[:10] for one in asked.since()] == ["2026-01-01", "2026-01-01", "2026-01-01", "2026-05-02"]


@answers(page(record(1), record(2, at="2099-01-01T00:00:00Z")), page())
def test_a_record_from_the_future_does_not_blind_us(asked: Api) -> None:
    assert len(asked.ingest().bad) == 1
    assert asked.standing.cursor == NOW + timedelta(minutes=5)


@answers(page(record(1)), page(record(4), next_page="/more"), Answer(status=404), page(record(4), record(5)))
def test_a_poll_that_breaks_off_moves_no_cursor_and_loses_nothing(asked: Api) -> None:
    asked.ingest()
    before = asked.standing.cursor
    broken = asked.ingest()
    assert (broken.new, len(broken.refused)) == (1, 1)
    assert asked.standing.cursor == before
    assert asked.ingest().new == 1
    assert asked.standing.cursor == datetime(2026, 5, 5, 10, tzinfo=UTC)


@answers(page(record(1, page=None)))
def test_pages_are_kept_and_can_be_mapped_again_without_asking(asked: Api) -> None:
    asked.write("require: facts.page")
    assert len(asked.ingest().bad) == 1
    number = len(asked.vendor.asked)
    asked.write()
    (again,) = replay(asked.desk.database, asked.desk.project, NOW, ["api"])
    assert (again.report.new, again.gone, len(asked.vendor.asked)) == (1, 0, number)


@answers(Answer(status=429, headers={"Retry-After": "3600"}), page(record(1)))
def test_a_vendor_that_wants_us_to_wait_is_not_asked_before(asked: Api) -> None:
    assert "asks us to wait until 2026-06-01 12:00 UTC" in asked.ingest().refused[0]
    early = asked.ingest(NOW + timedelta(minutes=59), "api")
    assert (early.refused, len(early.notices), len(asked.vendor.asked)) == ([], 1, 1)
    assert asked.ingest(NOW + timedelta(minutes=61)).new == 1


@answers(Answer(status=401), page(record(1)))
def test_a_source_that_refuses_us_is_disabled_until_somebody_insists(asked: Api) -> None:
    assert "api is disabled" in asked.ingest().refused[0]
    assert "reengage ingest api" in asked.ingest(NOW + timedelta(days=1)).refused[0]
    assert len(asked.vendor.asked) == 1
    assert asked.ingest(NOW + timedelta(days=1), "api").new == 1
    assert asked.standing.disabled_why is None


@answers(page(record(1)))
def test_it_is_not_asked_more_often_than_it_should(asked: Api) -> None:
    asked.write("every: 6 hours")
    asked.ingest()
    assert len(asked.ingest(NOW + timedelta(hours=5)).notices) == 1
    assert len(asked.vendor.asked) == 1
    asked.ingest(NOW + timedelta(hours=5), "api")
    asked.ingest(NOW + timedelta(hours=12))
    assert len(asked.vendor.asked) == 3


@answers(page(record(1)), page(record(2)), page(record(2)))
def test_another_address_begins_anew(asked: Api) -> None:
    asked.ingest()
    asked.write(path="leads")
    asked.ingest()
    asked.write("every: 1 second", path="leads")
    asked.ingest(NOW + timedelta(days=1))
    assert [one[:10] for one in asked.since()] == ["2026-01-01", "2026-01-01", "2026-05-02"]


@answers(page(*(record(1, id=number, email=None) for number in range(30))))
def test_a_source_that_changed_its_shape_is_told_and_its_cursor_stays(asked: Api) -> None:
    report = asked.ingest()
    assert (report.new, len(report.refused)) == (0, 1)
    assert "cannot be read" in report.refused[0]
    assert asked.standing.cursor is None
    assert [row.mapped_at for row in asked.desk.rows(t.ReceivedRow)] == [None]
    assert "1 page of before" in asked.ingest(NOW + timedelta(hours=1)).refused[0]
    assert asked.standing.cursor is None
    asked.write("max_bad_ratio: 1")
    assert len(asked.ingest(NOW + timedelta(hours=2)).bad) == 30
    assert asked.standing.cursor is not None


@answers(Answer({"items": []}), Answer(b"<html>"))
def test_an_answer_without_records_is_kept_back(asked: Api) -> None:
    (_, _, reason), *_ = asked.ingest().bad
    assert "no records where they should be" in reason


@answers(page(record(1), record(2, id=7)), page(record(2, id=7), record(3)))
def test_a_record_that_comes_twice_is_one_signal(asked: Api) -> None:
    asked.ingest()
    assert asked.ingest(NOW + timedelta(hours=1)).new == 1
    assert len(asked.desk.signals()) == 3


def test_a_secret_that_is_not_there_is_told_by_its_name(desk: Desk) -> None:
    def nobody(asked: Asked) -> Answer:
        raise AssertionError(asked)

    with Vendor(by=nobody) as vendor:
        api = Api(desk, vendor)
        path = desk.project.folder / "connectors" / "api.yaml"
        auth = '  auth: {type: bearer, token: "${env:REENGAGE_NOT_SET}"}\n'
        path.write_text(path.read_text(encoding="utf-8").replace("rest:\n", f"rest:\n{auth}"), encoding="utf-8")
        assert "REENGAGE_NOT_SET" in api.ingest().refused[0]


@answers(page(record(1)), page(record(1)), Answer(status=500))
def test_a_source_of_stops_is_heard_by_every_whole_poll(asked: Api) -> None:
    asked.ingest()
    assert asked.heard == NOW
    asked.ingest(NOW + timedelta(days=1))
    assert asked.heard == NOW + timedelta(days=1), "nothing new, but it was heard"
    asked.ingest(NOW + timedelta(days=2))
    assert asked.heard == NOW + timedelta(days=1)
