"""The one canonical form of a telephone number, and what keys of numbers have in common with how they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from reengage.people.visible import LONGEST, REMEMBERED, visible

FEWEST_DIGITS = 5
"""Shorter than this, a phone number names nobody."""

MOST_DIGITS = 15
"""What E.164 allows, without zeros in front. A longer cell holds more than one number."""

WHOLE, _ENDS, _SHORT = 9, 7, 4
"""Digits of the key that most numbers are found by; how many of them are told from the text, and of a shorter key."""

_LAST_DIGITS = re.compile(r"(?<=\d)(\D+)\d{1,7}\D*$")
_SPREADSHEET_NUMBER = re.compile(r"[\d.]+e\+?\d+", re.IGNORECASE)


def canonical_phone(text: str, regions: Sequence[str]) -> str | None:
    """E.164 where the number is valid, trying each region (ISO 3166 alpha-2) in turn.

    An invalid or reserved number is kept as dialled: its digits, with the leading + if it had one.
    None for fewer than 5 digits and for a cell that holds more than one number.
    """
    dialled = _dialled(text)
    if len(dialled.lstrip("+")) < FEWEST_DIGITS or len(dialled.lstrip("+0")) > MOST_DIGITS:
        return None
    attempts = (_e164(number, region) for number, region in _readings(dialled, regions))
    return next(filter(None, attempts), dialled)


def key_ending(value: str) -> str | None:
    """The last digits of a key of a telephone number, as many as `endings` tells; None for a key too short for that."""
    digits = value.lstrip("+")
    return digits[-(_ENDS if len(digits) >= WHOLE else _SHORT) :] if len(digits) >= _SHORT else None


def endings(text: str, regions: Sequence[str]) -> tuple[str, str] | None:
    """What `key_ending` says of any key that `canonical_phone` may find in these digits is one of these two.

    To read a number takes from its front what is prefix and puts at most a country code there: it keeps its last
    digits, as many as the shortest number of a region has, and of a key of nine digits all but those of the code.
    None where more than that may happen to them: for a number that may name another country.
    """
    plain = text.isascii() and text.isdecimal() and len(text) <= LONGEST
    dialled, abroad = text if plain else _dialled(text), _abroad(tuple(regions))
    if not dialled.isdecimal() or abroad is None or abroad.match(dialled):
        return None
    return dialled[-_ENDS:], dialled[-_SHORT:]


@lru_cache(REMEMBERED)
def _abroad(regions: tuple[str, ...]) -> re.Pattern[str] | None:
    """How a number begins that names another country, in any of these regions; None where no ending can be told."""
    plans = [_plan(region) for region in regions]
    if not all(plan and plan.keeps_endings() for plan in plans):
        return None
    return re.compile("|".join(plan.abroad.pattern for plan in plans if plan) or "(?!)")


def national(phone: str) -> str:
    """The number without its country code, for countries whose numbers are shorter than nine digits."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(phone, None))
    except phonenumbers.NumberParseException:
        return phone.lstrip("+")


def _dialled(text: str) -> str:
    """The digits of a number, after a + where it has one, without its extension."""
    plain = visible(text).removesuffix(".0")
    if _SPREADSHEET_NUMBER.fullmatch(plain):
        return ""
    ascii_digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
    before, *_ = re.split(r"\d", ascii_digits, maxsplit=1)
    digits = re.sub(r"\D", "", _without_extension(ascii_digits))
    if "+" not in before:
        return digits
    return "+" + (digits.lstrip("0") if digits.startswith("00") else digits)


def _without_extension(text: str) -> str:
    """The number without a few last digits that a word (ext., poste, доб.) or # sets apart, in whatever language."""
    last = _LAST_DIGITS.search(text)
    if last is None or not any(char.isalpha() or char == "#" for char in last[1]):
        return text
    number = text[: last.start()]
    return number if sum(map(str.isdecimal, number)) > FEWEST_DIGITS else text


def _readings(dialled: str, regions: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """What a dialled number may mean, most likely first."""
    if dialled.startswith("+"):
        yield dialled, None
        return
    yield from ((dialled, region.upper()) for region in regions)
    if dialled.startswith("00"):
        yield f"+{dialled[2:]}", None


def _e164(number: str, region: str | None) -> str | None:
    return None if region and not _may_be_valid(number, region) else _as_read(number, region)


def _as_read(number: str, region: str | None) -> str | None:
    """What the library reads, where it is valid."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How national numbers of a region are dialled: what stands before them, and how long they may be."""

    code: str
    abroad: re.Pattern[str]
    prefix: re.Pattern[str]
    lengths: frozenset[int]

    def keeps_endings(self) -> bool:
        """Whether what is read in digits ends as `endings` says, unless they name another country."""
        return len(self.code) <= WHOLE - _ENDS and min(self.lengths) >= _SHORT


@lru_cache(REMEMBERED)
def _plan(region: str) -> _Plan | None:
    """None for a region that is not the first of its country code, or where a prefix changes the digits behind it."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    mates = phonenumbers.region_codes_for_country_code(phonenumbers.country_code_for_region(region))
    if known is None or known.national_prefix_transform_rule or region != mates[0]:
        return None
    plans = (phonenumbers.PhoneMetadata.metadata_for_region(mate, None) for mate in mates)
    return _Plan(
        str(known.country_code),
        re.compile(f"(?:{known.international_prefix or ''})(?!0)"),  # no country code begins with 0
        re.compile(known.national_prefix_for_parsing or "(?!)"),
        frozenset(length for one in plans if one and one.general_desc for length in one.general_desc.possible_length),
    )


def _may_be_valid(number: str, region: str) -> bool:
    """Whether digits dialled in a region may be a number there by their length alone, whatever part of them is prefix.

    To hear no from the library takes twenty times as long.
    """
    plan = _plan(region)
    if plan is None or plan.abroad.match(number):
        return True
    rests = [number, number.removeprefix(plan.code)]
    for rest in rests:
        if len(rest) in plan.lengths:
            return True
        if (prefix := plan.prefix.match(rest)) and prefix[0]:
            rests.append(rest[prefix.end() :])
    return False
