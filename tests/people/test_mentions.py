"""What looks like a mention is found in many texts at once as in each, and short cuts around numbers lose none."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.people.identifiers import lookup_keys
from reengage.people.mentions import REGIONS, may_end_like, sightings
from reengage.people.phones import canonical_phone, endings, key_ending
from tests.people import plainly

DIGITS = st.text("0123456789", min_size=1, max_size=18)
PREFIXES = (
    "",
    "0",
    "00",
    "000",
    "1",
    "011",
    "0111",
    "44",
    "440",
    "49",
    "490",
    "4900",
    "33",
    "330",
    "+",
    "+49",
    "+49 (0)",
)
PREFIXES += (
    "180020",
    "44180020",
    "0044",
    "0049",
    "01149",
    "0014",
    "+1",
    "+44 (0)",
    "(0)",
    "000049",
    "+00",
    "8",
    "0054",
)
DIALLED = st.builds("".join, st.tuples(st.sampled_from(PREFIXES), DIGITS))

VALID = tuple(
    (region, phonenumbers.national_significant_number(example))
    for region in (*REGIONS, "AR", "IT", "AT", "MX", "JE", "JM", "SM", "RU", "BR")
    for kind in (0, 1, 3, 4, 6, 7)
    if (example := phonenumbers.example_number_for_type(region, kind))
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number of somewhere, as somebody may write it."""
    region, national = draw(st.sampled_from(VALID))
    digits = list(national)
    for place in draw(st.sets(st.integers(len(digits) // 2, len(digits) - 1), max_size=4)):
        digits[place] = draw(st.sampled_from("0123456789"))
    code = phonenumbers.country_code_for_region(region)
    before = draw(
        st.sampled_from(("", "0", "1", "(0)", f"+{code} ", f"00{code} ", f"011{code}", f"{code}", f"+{code} (0)"))
    )
    gap = draw(st.sampled_from(("", "", " ", "-", ".", "/")))
    after = draw(st.sampled_from(("", "", " ext. 12", " x7", ".0", "0", "12")))
    return before + gap.join(("".join(digits[:3]), "".join(digits[3:6]), "".join(digits[6:]))) + after


PIECES = st.one_of(
    written(),
    DIALLED,
    st.sampled_from(
        ("ann@a.example", "ANN@A.example", "<b@c.co.uk>", "linkedin.com/in/ann", "https://www.LinkedIn.com/in/b")
    ),
    st.sampled_from(
        ("Tel:", "n", "id_", "\n", " ", "(", ")", ",", "@", ".com/", "x@y", "\u0130", "\u212a", "\u0661\u0662", "２")
    ),
    st.text(max_size=6),
)
TEXTS = st.lists(st.builds("".join, st.lists(PIECES, max_size=6)), max_size=6)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_texts_are_looked_through_together_as_one_by_one(texts: list[str]) -> None:
    found = [(one.text, one.start, one.end, key) for one in sightings(texts) if (key := one.read(one.words))]
    plain = [(number, *one) for number, text in enumerate(texts) for one in plainly.mentions_in(text)]
    assert sorted(found) == sorted(plain)
    for number, text in enumerate(texts):
        assert [one[1:] for one in found if one[0] == number] == list(plainly.mentions_in(text))


@settings(max_examples=1500, deadline=None)
@given(st.one_of(written(), DIALLED, st.text("0123456789+-/. ()x", max_size=24)))
def test_a_number_is_read_as_by_the_library_alone(text: str) -> None:
    for regions in (REGIONS, ("GB",), ("DE", "US"), ("IT",), ("AR",), ("CA", "GB"), ("RU",), ("JE", "XX"), ()):
        assert canonical_phone(text, regions) == plainly.canonical_phone(text, regions)


@settings(max_examples=3000, deadline=None)
@given(st.one_of(written(), DIALLED))
def test_every_key_of_a_number_ends_as_is_told_without_reading_it(text: str) -> None:
    key = plainly.phone(text)
    ends = endings(text, REGIONS)
    if key is None or ends is None:
        return
    for kind, value in (*lookup_keys(*key), ("phone_followed", key[1])):
        ending = key_ending(value)
        assert ending is None or ending in ends, (text, kind, value)
        assert may_end_like(text, frozenset({ending})) or ending is None


@pytest.mark.parametrize("text", ["+49 30 123456", "0049 30 123456", "011 49 30 123456", "+49 (0)30 123456"])
def test_a_number_that_may_name_a_country_has_to_be_read(text: str) -> None:
    assert endings(text, REGIONS) is None
    assert may_end_like(text, frozenset())


@pytest.mark.parametrize("text", ["030 123456", "n000001234", "20260601", "00012345678"])
def test_other_numbers_are_told_by_their_last_digits(text: str) -> None:
    digits = "".join(filter(str.isdigit, text))
    assert endings(text.lstrip("n"), REGIONS) == (digits[-7:], digits[-4:])
    assert not may_end_like(text, frozenset({"999", "1111111"}))
    assert may_end_like(text, frozenset({digits[-4:]}))


def test_a_key_too_short_tells_nothing() -> None:
    assert key_ending("123") is None
    assert key_ending("+4930123456") == "0123456"
    assert key_ending("30123456") == "3456"
