from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

from reengage.language.reader import Found
from reengage.language.testfile import GivenContact, InlineTest, read_test
from reengage.model.facts import CONTACT_FIELDS
from reengage.model.words import AccountStatus, Response
from tests.language.sample import node_of


def read(text: str) -> InlineTest:
    found = Found()
    test = read_test(node_of(text), found)
    assert not found
    return test


def test_the_story_of_the_design() -> None:
    test = read(
        """
name: a new VP gets one task, once
contact: {said: not_now, held_since: 2026-01-10, until: 2026-07-01, account_status: prospect}
signals:
  - {day: 2026-03-01, job_change: {new_company: Globex, new_title: VP Operations, previous_company: Initech}}
expect:
  - {day: 2026-03-01, tasks: [{rule: r, priority: high, subject: Dana is now VP Operations at Globex}]}
  - {day: 2026-03-02, tasks: [], because: already_tasked}
"""
    )
    assert test.contact == GivenContact(held_since=date(2026, 1, 10), until=date(2026, 7, 1))
    assert [(signal.day, signal.kind, signal.facts["new_company"]) for signal in test.signals] == [
        (date(2026, 3, 1), "job_change", "Globex")
    ]
    assert [task.values["priority"] for task in test.expect[0].tasks] == ["high"]
    assert (test.expect[1].tasks, test.expect[1].because, test.expect[1].at.line) == ((), "already_tasked", 8)


def test_facts_are_typed_as_those_of_a_source() -> None:
    test = read(
        "name: n\nsignals: [{day: 2026-03-01, funding: {amount: 2500000, stage: Series A}}]\n"
        "expect: [{day: 2026-03-01, tasks: []}]"
    )
    assert test.signals[0].facts == {"amount": 2500000, "stage": "Series A"}


def test_a_promised_date_is_a_date_and_a_promise() -> None:
    contact = read("name: n\ncontact: {promised_until: 2026-07-01}\nexpect: [{day: 2026-03-01, tasks: []}]").contact
    assert (contact.until, contact.promised) == (date(2026, 7, 1), True)


def test_the_contact_that_nobody_describes() -> None:
    contact = GivenContact()
    assert (contact.first_name, contact.account, contact.account_status) == ("Dana", "Initech", AccountStatus.PROSPECT)
    assert contact.said is Response.NOT_NOW


def test_every_field_of_who_can_be_given() -> None:
    given = {field.name for field in fields(GivenContact)}
    assert set(CONTACT_FIELDS) - given == {"held_for"}  # follows from held_since


@pytest.mark.parametrize("kind", ["snooze_ended", "contract_renewal", "opt_out", "intnt"])
def test_a_test_sends_what_a_source_could(kind: str) -> None:
    found = Found()
    read_test(
        node_of(f"name: n\nsignals: [{{day: 2026-03-01, {kind}: {{}}}}]\nexpect: [{{day: 2026-03-01, tasks: []}}]"),
        found,
    )
    assert [problem.check for problem in found] == ["unknown-signal"]
    assert found[0].help
