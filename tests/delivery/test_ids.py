from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.targets import TARGETS
from tests.delivery.samples import known_to

CRMS = ["espocrm", "odoo", "salesforce", "hubspot", "pipedrive"]


@pytest.mark.parametrize("crm", CRMS)
def test_nothing_is_missing_of_a_task_with_the_ids_of_the_crm(crm: str) -> None:
    assert TARGETS[crm].lacks(known_to(crm)) == ()


@pytest.mark.parametrize("crm", CRMS)
def test_the_ids_of_another_crm_are_not_taken_for_its_own(crm: str) -> None:
    (lack,) = TARGETS[crm].lacks(replace(known_to(crm), crm_system="othercrm"))
    assert lack == f"contact C-1: crm_system must be {crm}, it is othercrm"


@pytest.mark.parametrize(
    ("crm", "contact"),
    [
        ("salesforce", "0035g00000ABCDE"),
        ("salesforce", "00Q5g00000ABCDEAA1"),
        ("odoo", "7"),
        ("hubspot", "401"),
        ("pipedrive", "90071992547"),
    ],
)
def test_ids_in_the_shape_of_the_crm_are_taken(crm: str, contact: str) -> None:
    assert TARGETS[crm].lacks(replace(known_to(crm), crm_contact_id=contact)) == ()


@pytest.mark.parametrize(
    ("crm", "contact"),
    [
        ("salesforce", "0055g00000ABCDEAAA"),
        ("salesforce", "0035g00000ABCD"),
        ("salesforce", "0035g00000ABCDEAA"),
        ("salesforce", "0035g00000ABCDEAAA\n"),
        ("salesforce", "0035g00000ABCDÉAAA"),
        *(
            (crm, id)
            for crm in ("odoo", "hubspot", "pipedrive")
            for id in ("0", "7.0", "-7", "٧", "__export__.p_1", "")
        ),
    ],
)
def test_ids_in_another_shape_are_told(crm: str, contact: str) -> None:
    (lack,) = TARGETS[crm].lacks(replace(known_to(crm), crm_contact_id=contact))
    assert lack.startswith("contact C-1: crm_contact_id is ")


@pytest.mark.parametrize("crm", ["salesforce", "odoo"])
def test_a_rep_is_known_by_id(crm: str) -> None:
    (lack,) = TARGETS[crm].lacks(replace(known_to(crm), crm_owner_id="pat"))
    assert lack.startswith("owner pat@us.example: crm_owner_id is not ")


@pytest.mark.parametrize("owner", ["", "Pat Doyle", "pat@us", "a b@us.example", "=pat@us.example", "@us.example"])
def test_hubspot_knows_a_rep_by_address(owner: str) -> None:
    (lack,) = TARGETS["hubspot"].lacks(replace(known_to("hubspot"), owner=owner, crm_owner_id=""))
    assert "e-mail address of a HubSpot user" in lack


def test_pipedrive_knows_a_rep_by_name_or_address() -> None:
    task = replace(known_to("pipedrive"), crm_owner_id="")
    assert TARGETS["pipedrive"].lacks(replace(task, owner_name="")) == ()
    (lack,) = TARGETS["pipedrive"].lacks(replace(task, owner_name=" ", owner=""))
    assert lack.startswith("owner (empty)")
