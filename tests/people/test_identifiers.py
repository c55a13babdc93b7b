"""One canonical form for every spelling, and the keys by which an opt-out is found."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reengage.people import identifiers
from reengage.people.identifiers import (
    addresses_in,
    canonical_domain,
    canonical_email,
    canonical_linkedin,
    is_freemail,
    is_role_address,
    lookup_keys,
    registrable,
    stored_keys,
)
from reengage.people.phones import canonical_phone

ADDRESSES = st.builds("{}@{}.example".format, st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=8))


@given(st.one_of(st.text(max_size=40), ADDRESSES, st.emails()))
@example("\u01f0a@x.example")
@example("\xdf\u0301@x.example")
def test_canonical_email_is_idempotent(text: str) -> None:
    once = canonical_email(text)
    assert once is None or canonical_email(once) == once


REGIONS = st.lists(st.sampled_from(["GB", "US", "DE", "FR", "NO", "IT", "ZZ"]), max_size=3, unique=True)


@given(st.text(alphabet="0123456789+()-/. xext#٣４²", max_size=24), REGIONS)
def test_canonical_phone_is_idempotent(text: str, regions: list[str]) -> None:
    once = canonical_phone(text, regions)
    assert once is None or canonical_phone(once, regions) == once


_PARTS = ("a", "B", "ann", "7", "-", "--", ".", "..", "@", "+", "_", "www.", "x.example", "co", "local", " ", "xn--a")


@given(st.one_of(ADDRESSES, st.emails(), st.lists(st.sampled_from(_PARTS), max_size=9).map("".join)))
@example("ann@" + "a" * 63 + ".example")
@example("a" * 65 + "@x.example")
@example("ann@www.x.example")
@example("ann@mail.test")
@example("1.2@3.4")
def test_what_is_plain_is_read_as_it_is_thoroughly(text: str) -> None:
    address, host = identifiers._plainly(identifiers._PLAIN_ADDRESS, text), text.rpartition("@")[2]
    assert address is None or address == identifiers._address_in(text)
    plain = identifiers._plainly(identifiers._PLAIN_HOST, host)
    assert plain is None or plain == identifiers._host_in(host)


@pytest.mark.parametrize("text", ["ann@x.example", " Ann.Abel-1+news_a@Mail-7.x.co.example "])
def test_common_addresses_are_plain(text: str) -> None:
    assert identifiers._plainly(identifiers._PLAIN_ADDRESS, text) == text.strip().lower()


@given(st.text(max_size=30))
@example("%E2%80%8Bx")
@example("%2541")
def test_canonical_linkedin_is_idempotent(text: str) -> None:
    once = canonical_linkedin(f"https://linkedin.com/in/{text}")
    assert once is None or canonical_linkedin(once[1]) == once


@given(st.one_of(st.text(max_size=30), st.text(max_size=12).map("www.{}.example".format)))
@example("www.www.acme.example")
def test_canonical_domain_is_idempotent(text: str) -> None:
    once = canonical_domain(text)
    assert once is None or canonical_domain(once) == once


@pytest.mark.parametrize(
    ("text", "regions", "number"),
    [
        ("+1 415 555 0199", (), "+14155550199"),
        ("(415) 555-0199", ("GB", "US"), "+14155550199"),
        ("020 7946 0958", ("gb",), "+442079460958"),
        ("+44 (0)20 7946 0958 ext. 12", (), "+442079460958"),
        ("0044 20 7946 0958", ("US",), "+442079460958"),
        ("tel:+44-20-7946-0958", (), "+442079460958"),
        ("442079460958.0", ("GB",), "+442079460958"),
        ("\u0660\u0662\u0660\u0667\u0669\u0664\u0666\u0660\u0669\u0665\u0668", ("GB",), "+442079460958"),
        ("+39 06 1234 5678", (), "+390612345678"),
        ("07700 900123", ("GB",), "07700900123"),
        ("+47 0000", (), "+470000"),
        ("020 7946 0958", (), "02079460958"),
    ],
)
def test_phone_numbers(text: str, regions: tuple[str, ...], number: str) -> None:
    assert canonical_phone(text, regions) == number


@pytest.mark.parametrize(
    "text", ["", "1234", "+12 3", "ask Dana", "4.42079E+11", "020 7946 0958 / 020 7946 0959", "9" * 5_000]
)
def test_what_is_no_phone_number(text: str) -> None:
    assert canonical_phone(text, ["GB"]) is None


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://user:pw@WWW.Acme.example:8443/about?x=1", "acme.example"),
        ("jane@acme.example", "acme.example"),
        ("@acme.example", "acme.example"),
        ("*.acme.example", "acme.example"),
        ("acme.example./path", "acme.example"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("eu.acme.example", "eu.acme.example"),
        ("www.co.uk", "www.co.uk"),
        ("localhost", None),
        ("10.0.0.1", None),
        ("http://[::1", None),
        ("Acme Inc", None),
        ("", None),
    ],
)
def test_domains(text: str, domain: str | None) -> None:
    assert canonical_domain(text) == domain


@pytest.mark.parametrize(
    ("domain", "owner"),
    [
        ("eu.sales.acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("eu.acme.example", "acme.example"),
        ("co.uk", None),
    ],
)
def test_the_registrable_part(domain: str, owner: str | None) -> None:
    assert registrable(domain) == owner


def test_freemail_and_role_addresses() -> None:
    assert is_freemail("gmail.com") and not is_freemail("acme.example")
    assert all(map(is_role_address, ("info@acme.example", "no-reply@acme.example", "sales+uk@acme.example")))
    assert not any(map(is_role_address, ("dana@acme.example", "info.reyes@acme.example")))


def is_stopped(opted_out: tuple[str, str], contact: tuple[str, str]) -> bool:
    return not set(stored_keys(*opted_out)).isdisjoint(lookup_keys(*contact))


@pytest.mark.parametrize(
    ("opted_out", "contact"),
    [
        (("email", "jane@acme.example"), ("email", "jane@acme.example")),
        (("email", "jane+crm@acme.example"), ("email", "jane@acme.example")),
        (("email", "jane@acme.example"), ("email", "jane+crm@acme.example")),
        (("email", "jane+a@acme.example"), ("email", "jane+b@acme.example")),
        (("email", "j.a.ne+x@googlemail.com"), ("email", "jane@gmail.com")),
        (("domain", "acme.example"), ("email", "jane@acme.example")),
        (("domain", "acme.example"), ("email", "jane@eu.sales.acme.example")),
        (("domain", "acme.example"), ("domain", "eu.acme.example")),
        (("domain", "eu.acme.example"), ("email", "jane@eu.acme.example")),
        (("phone", "+442079460958"), ("phone", "02079460958")),
        (("phone", "02079460958"), ("phone", "+442079460958")),
        (("phone", "+4722334455"), ("phone", "22334455")),
        (("phone", "021234567"), ("phone", "+3221234567")),
        (("linkedin", "linkedin.com/in/dana"), ("linkedin", "linkedin.com/in/dana")),
        (("crm:espocrm", "7"), ("crm:espocrm", "7")),
    ],
)
def test_an_opt_out_reaches(opted_out: tuple[str, str], contact: tuple[str, str]) -> None:
    assert is_stopped(opted_out, contact)


@pytest.mark.parametrize(
    ("opted_out", "contact"),
    [
        (("email", "jane@acme.example"), ("email", "john@acme.example")),
        (("email", "ja.ne@acme.example"), ("email", "jane@acme.example")),
        (("email", "+crm@acme.example"), ("email", "+sales@acme.example")),
        (("domain", "eu.acme.example"), ("email", "jane@acme.example")),
        (("domain", "acme.example"), ("email", "jane@notacme.example")),
        (("email", "jane@acme.example"), ("domain", "acme.example")),
        (("phone", "+442079460958"), ("phone", "+442079460959")),
        (("domain", "github.io"), ("email", "jane@acme.github.io")),
        (("linkedin", "linkedin.com/in/dana"), ("linkedin_sales", "linkedin.com/in/dana")),
    ],
)
def test_an_opt_out_leaves_alone(opted_out: tuple[str, str], contact: tuple[str, str]) -> None:
    assert not is_stopped(opted_out, contact)


@given(st.emails())
def test_an_opt_out_always_finds_its_own_address(text: str) -> None:
    address = canonical_email(text)
    assert address is None or is_stopped(("email", address), ("email", address))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ask Eve Gold (Eve@X.example) instead.", ("eve@x.example",)),
        ("eve@x.example, or <max@y.example>!", ("eve@x.example", "max@y.example")),
        ("mailto:eve@x.example", ("eve@x.example",)),
        ("nobody at all @ home", ()),
        ("", ()),
    ],
)
def test_the_addresses_that_a_text_mentions(text: str, found: tuple[str, ...]) -> None:
    assert addresses_in(text) == found
