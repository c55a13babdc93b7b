"""When two companies are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.people.companies import company_key, same_company


@pytest.mark.parametrize(
    "name",
    ["Acme", "ACME, Inc.", "Acme GmbH & Co. KG", "acme s.a.", "Acme A/S", "Acme Sp. z o.o.", "Acme Pty Ltd",
     "\u00c1cme AG", "Acme Limited Liability Company", "Acme Corporation,"],
)  # fmt: skip
def test_legal_form_and_punctuation_do_not_count(name: str) -> None:
    assert company_key(name) == "acme"


@pytest.mark.parametrize(
    ("name", "key"),
    [("AG", "ag"), ("!!!", ""), ("", ""), ("Johnson & Johnson", "johnson and johnson"), ("Monday.com Ltd", "mondaycom"),
     ("O'Neil\u2019s Bar", "oneils bar"), ("Inc Magazine", "inc magazine")],
)  # fmt: skip
def test_what_is_left_of_a_name(name: str, key: str) -> None:
    assert company_key(name) == key


@given(st.text(max_size=40))
def test_company_key_is_idempotent(name: str) -> None:
    assert company_key(company_key(name)) == company_key(name)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (("Acme", "www.acme.example"), ("Other name", "https://eu.acme.example/"), True),
        (("Acme", "acme.example"), ("Acme", "acme.co.uk"), False),
        (("Acme Inc", None), ("ACME GmbH", "acme.example"), True),
        (("Acme", None), ("Globex", None), False),
        (("Acme", "gmail.com"), ("Acme Ltd", "gmail.com"), True),
        ((None, "gmail.com"), (None, "gmail.com"), None),
        (("Acme", None), (None, "acme.example"), None),
        (("...", None), ("...", None), None),
        ((None, "not a domain"), ("Acme", "acme.example"), None),
    ],
)
def test_same_company(
    left: tuple[str | None, str | None], right: tuple[str | None, str | None], same: bool | None
) -> None:
    assert same_company(*left, *right) is same
    assert same_company(*right, *left) is same
