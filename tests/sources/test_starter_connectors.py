"""The connectors that come with the project, against the fixtures beside them and against vendors on loopback."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from reengage.sources.connector import Connector
from reengage.sources.connectors import load_connectors
from reengage.sources.rest.client import pull
from reengage.sources.rest.outcome import State
from reengage.sources.rest.request import RestRequest, Text
from reengage.sources.rows import Good
from reengage.sources.signals import read_file
from reengage.testing import ConnectorTest, connector_tests
from tests.sources.rest.vendor import NOW, SINCE, Answer, Asked, Vendor

CONNECTORS = Path(__file__).parents[2] / "connectors"
MORE = CONNECTORS / "more"
RECEIVED_AT = datetime(2026, 10, 6, 6, tzinfo=UTC)
SECRETS = {
    name: f"invented {name}"
    for name in (
        *("APOLLO_API_KEY", "DEMANDBASE_TOKEN", "EXPLORIUM_API_KEY", "HUBSPOT_TOKEN"),
        *("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
    )
}


def sound(folder: Path) -> dict[str, Connector]:
    connectors, diagnostics = load_connectors(folder)
    assert diagnostics == ()
    return {connector.name: connector for connector in connectors}


@pytest.fixture(scope="module")
def starters() -> dict[str, Connector]:
    return sound(CONNECTORS)


@pytest.fixture(scope="module")
def more() -> dict[str, Connector]:
    return sound(MORE)


def test_the_starters_are_sound(starters: dict[str, Connector]) -> None:
    assert set(starters) == {"bombora_weekly", "envelope", "job_changes", "monday_review"}


def test_every_file_tells_an_editor_its_schema_and_what_is_not_verified() -> None:
    for file in (*CONNECTORS.glob("*.yaml"), *MORE.glob("*.yaml")):
        first, *lines = file.read_text(encoding="utf-8").splitlines()
        assert first == "# yaml-language-server: $schema=../schema/connectors.json"
        told = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
        assert file.parent != MORE or re.search("(Documented|Published by .+?): .* Not verified: ", told), file
    assert (CONNECTORS / "../schema/connectors.json").is_file()


def test_those_that_are_off_are_not_read(starters: dict[str, Connector], more: dict[str, Connector]) -> None:
    assert {test.__name__ for test in connector_tests(MORE)} == set(more)
    assert set(more).isdisjoint(starters)


@pytest.mark.parametrize("test", [*connector_tests(CONNECTORS), *connector_tests(MORE)])
def test_a_fixture_gives_what_is_expected(test: ConnectorTest) -> None:
    test()


def test_rows_of_one_topic_and_week_are_one_signal(starters: dict[str, Connector]) -> None:
    file = CONNECTORS / "bombora_weekly.fixtures" / "surge_2026-10-05.csv"
    ids = [row.signal.id for row in read_file(starters["bombora_weekly"], file, RECEIVED_AT) if isinstance(row, Good)]
    assert ids[0] == ids[1] != ids[2]


def test_of_each_signed_webhook_something_is_accepted_and_something_forged(more: dict[str, Connector]) -> None:
    signed = [one for one in more.values() if one.hooking and one.hooking.verify.secrets]
    assert {one.name for one in signed} == {
        *("common_room_moves", "hubspot_deletions", "lusha_moves", "lusha_opt_outs", "theirstack_jobs")
    }
    for one in signed:
        expected = json.loads((MORE / f"{one.name}.fixtures" / "expected.json").read_text(encoding="utf-8"))
        assert {verdict.partition(":")[0] for verdict in expected["verified"].values()} >= {"accepted", "forged"}


def on_loopback(connector: Connector, vendor: Vendor) -> RestRequest:
    """The request of a connector, put to this vendor in place of its own, path for path."""
    assert connector.polling is not None
    request = connector.polling.request
    assert isinstance(request, RestRequest)
    auth = request.auth
    if auth and isinstance(address := auth.options.get("access_token_url"), Text):
        here = Text(vendor.url + urlsplit(address.text).path)
        auth = replace(auth, options={**auth.options, "access_token_url": here})
    return replace(request, base_url=vendor.url + urlsplit(request.base_url).path, auth=auth)


def page_of(connector: Connector, **other: Any) -> dict[str, Any]:
    content = json.loads((MORE / f"{connector.name}.fixtures" / "page.json").read_text(encoding="utf-8"))
    return {**content, **other}


def poll(connector: Connector, answer: Callable[[Asked], Any]) -> list[Asked]:
    """What a connector asks of a vendor that answers so, once the pull came to its end."""
    assert connector.polling is not None
    with Vendor(by=lambda asked: Answer(answer(asked))) as vendor:
        asked_for = pull(
            on_loopback(connector, vendor),
            since=SINCE,
            now=NOW,
            environ=SECRETS,
            folder=Path("/nowhere"),
            budget=connector.polling.max_calls,
            records=connector.records.of if connector.records else None,
        )
        pages = list(asked_for)
    assert asked_for.outcome.state is State.DONE, asked_for.outcome.reason
    assert pages
    return vendor.asked


def test_hubspot_is_asked_page_by_page_for_who_changed_since(more: dict[str, Connector]) -> None:
    connector = more["hubspot_opt_outs"]

    def answer(asked: Asked) -> Any:
        return page_of(connector, paging={}) if asked.json.get("after") else page_of(connector)

    first, second = poll(connector, answer)
    assert (first.method, first.path) == ("POST", "/crm/v3/objects/contacts/search")
    assert first.headers["Authorization"] == "Bearer invented HUBSPOT_TOKEN"
    changed, opted_out = first.json["filterGroups"][0]["filters"]
    assert changed == {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1790847015250"}
    assert opted_out == {"propertyName": "hs_email_optout", "operator": "EQ", "value": "true"}
    assert second.json == {**first.json, "after": "100"}


def test_salesforce_is_signed_in_to_and_asked_in_its_own_language(more: dict[str, Connector]) -> None:
    connector = more["salesforce_opt_outs"]
    following = "/services/data/v62.0/query/01gD0000002HU6KIAW-2000"

    def answer(asked: Asked) -> Any:
        if asked.path.endswith("/token"):
            return {"access_token": "00D-invented", "token_type": "Bearer", "expires_in": 7200}
        return page_of(connector) if asked.path == following else page_of(connector, nextRecordsUrl=following)

    token, first, second = poll(connector, answer)
    assert b"client_id=invented" in token.body + base64.b64decode(token.headers.get("Authorization", "Basic ")[6:])
    assert first.headers["Authorization"] == second.headers["Authorization"] == "Bearer 00D-invented"
    (question,) = first.params["q"]
    assert question.startswith(
        "SELECT Id, Email, MobilePhone, HasOptedOutOfEmail, DoNotCall, SystemModstamp FROM Contact "
    )
    assert " WHERE SystemModstamp >= 2026-10-01T09:30:15Z AND (" in question
    assert (second.path, second.params) == (following, {})


def test_apollo_is_asked_for_all_contacts_by_page_numbers(more: dict[str, Connector]) -> None:
    connector = more["apollo_opt_outs"]
    asked = poll(connector, lambda one: page_of(connector, pagination={"page": one.json["page"], "total_pages": 3}))
    assert [one.json["page"] for one in asked] == [1, 2, 3]
    assert {one.headers["x-api-key"] for one in asked} == {"invented APOLLO_API_KEY"}


def test_apollo_is_asked_for_the_people_listed(more: dict[str, Connector]) -> None:
    people = (MORE / "apollo_snapshots.fixtures" / "people.json").read_text(encoding="utf-8")
    (asked,) = poll(more["apollo_snapshots"], lambda _: json.loads(people))
    assert asked.path == "/api/v1/people/bulk_match"
    assert asked.json == {"details": [{"linkedin_url": "https://www.linkedin.com/in/dana-reyes-example"}]}


def test_demandbase_is_asked_day_by_day_with_its_own_cursor(more: dict[str, Connector]) -> None:
    connector = more["demandbase_intent"]

    def answer(asked: Asked) -> Any:
        return page_of(connector, pagination={"after": None}) if asked.json.get("pageToken") else page_of(connector)

    first, second = poll(connector, answer)
    assert (first.json["startDate"], first.json["endDate"]) == ("2026-10-01", "2026-10-06")
    assert second.json == {**first.json, "pageToken": "Tzo1MDoyNQ=="}


@pytest.mark.parametrize("name", ["explorium_moves", "explorium_roles"])
def test_explorium_is_asked_for_one_kind_of_event(more: dict[str, Connector], name: str) -> None:
    connector = more[name]
    (asked,) = poll(connector, lambda _: page_of(connector))
    assert asked.headers["API_KEY"] == "invented EXPLORIUM_API_KEY"
    assert asked.json["timestamp_from"] == "2026-10-01T09:30:15Z"
    assert {asked.json["event_types"][0]} == {event["event_name"] for event in page_of(connector)["output_events"]}
