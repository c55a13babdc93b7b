"""A made-up book: who is in it, what they said and what is heard of them, all drawn from one seed.

`bench.filling` writes it straight into the tables, `bench.files` as the files that the importers read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from bench.rulebook import COUNTRIES, DEPARTMENTS, SENIORITIES, TOPICS

IMPORTED_AT = datetime(2026, 5, 1, 6, tzinfo=UTC)
INGESTED_AT = datetime(2026, 6, 1, 5, tzinfo=UTC)
RUN_AT = datetime(2026, 6, 1, 6, tzinfo=UTC)

PER_ACCOUNT = 10
"""Contacts of a company, where none is made larger."""

OWNERS = 200

_FIRST = ("Ann", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gwen", "Hugo", "Ida", "Jon", "Kim", "Leo", "Mia", "Noah", "Ola")
_LAST = ("Abel", "Brook", "Clay", "Dunn", "Ellis", "Frost", "Gray", "Holt", "Irwin", "Jarvis", "Kerr", "Lund", "Moss")
_SAID = ("not_now",) * 8 + ("no_budget",) * 6 + ("already_with_vendor",) * 4 + ("not_interested",) * 2
_LEVELS = ("manager", *SENIORITIES)
_STRIDE = 982_451_653
"""A prime larger than any book, so that contacts with news lie scattered over all of it."""


class Person(NamedTuple):
    """A contact with the one conversation that holds them; dates are None where nothing was said of them."""

    number: int
    first: str
    last: str
    email: str
    account: int
    seniority: str
    department: str
    owner: str
    country: str
    said: str
    said_at: datetime
    call_back_on: date | None
    contract_ends: date | None
    opted_out: bool


class News(NamedTuple):
    """Something heard: about a contact, or where that is 0 about a company; `place` is a new employer, else 0."""

    number: int
    kind: str
    contact: int
    account: int
    place: int
    occurred_at: datetime
    received_at: datetime
    facts: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Book:
    """How large a book is, and how uneven.

    `with_news` is the share of the contacts that signals may be about, `large_account` the contacts of one company,
    `loud_contact` the signals about one contact.
    """

    contacts: int
    signals: int
    seed: int = 1
    with_news: float = 1.0
    opted_out: float = 0.01
    large_account: int = 0
    loud_contact: int = 0

    @property
    def accounts(self) -> int:
        """How many companies there are."""
        return max(2, self.contacts // PER_ACCOUNT)

    def account_of(self, contact: int) -> int:
        """Where a contact worked when they said no."""
        return 1 if contact <= self.large_account else 1 + contact * 7919 % self.accounts

    def is_customer(self, account: int) -> bool:
        """Whether a company buys from us already: one in twenty."""
        return account % 20 == 7

    def email_of(self, contact: int) -> str:
        """The address of a contact, in its canonical form."""
        first, last = name_of(contact)
        return f"{first}.{last}.{contact}@{domain_of(self.account_of(contact))}".lower()

    def people(self) -> Iterator[Person]:
        """Everybody, by number."""
        draw = Random(f"{self.seed}/people")  # noqa: S311, not a secret
        for number in range(1, self.contacts + 1):
            first, last = name_of(number)
            said = _SAID[_pick(draw, len(_SAID))]
            promised = said == "not_now" and draw.random() < 0.02
            under_contract = said == "already_with_vendor" and draw.random() < 0.25
            yield Person(
                number,
                first,
                last,
                self.email_of(number),
                self.account_of(number),
                _LEVELS[number % len(_LEVELS)],
                DEPARTMENTS[number % len(DEPARTMENTS)],
                owner_of(number),
                COUNTRIES[number // 3 % len(COUNTRIES)],
                said,
                _SPOKEN[_pick(draw, len(_SPOKEN))],
                _TODAY + timedelta(days=_pick(draw, 90) - 30) if promised else None,
                _TODAY + timedelta(days=_pick(draw, 730) - 30) if under_contract else None,
                draw.random() < self.opted_out,
            )

    def news(self) -> Iterator[News]:
        """Everything heard before the run, by number; nobody moves more than once."""
        draw = Random(f"{self.seed}/news")  # noqa: S311, not a secret
        moved = bytearray(self.contacts + 1)
        audible = max(1, round(self.contacts * self.with_news))
        for number in range(1, self.signals + 1):
            contact = 1 + _pick(draw, audible) * _STRIDE % self.contacts
            yield self._heard(draw, number, 1 if number <= self.loud_contact else contact, moved)

    def later_news(self, first: int, many: int) -> Iterator[News]:
        """So many signals that come after a run, numbered from `first` on, about contacts all over the book."""
        draw = Random(f"{self.seed}/later/{first}")  # noqa: S311, not a secret
        moved = bytearray(b"\x01") * (self.contacts + 1)
        for number in range(first, first + many):
            yield self._heard(draw, number, 1 + _pick(draw, self.contacts), moved)

    def _heard(self, draw: Random, number: int, contact: int, moved: bytearray) -> News:
        chance, ago = draw.random(), _pick(draw, 6 * 24)
        received, occurred = _HOURS_AGO[ago], _HOURS_AGO[ago + _pick(draw, 20 * 24)]
        account = self.account_of(contact)
        if chance < 0.06 and not moved[contact]:
            moved[contact] = 1
            place = 1 + (account + _pick(draw, self.accounts - 1)) % self.accounts
            facts = _move(draw, account, place)
            return News(number, "job_change", contact, account, place, occurred, received, facts)
        about = contact if draw.random() < 0.99 else 0
        if chance < 0.12:
            return News(number, "team_expansion", about, account, 0, occurred, received, _growth(draw))
        return News(number, "intent", about, account, 0, occurred, received, _interest(draw))


_TODAY = RUN_AT.date()
_HOURS_AGO = tuple(INGESTED_AT - timedelta(hours=hours) for hours in range(26 * 24))
_SPOKEN = tuple(RUN_AT.replace(hour=9) - timedelta(days=days) for days in range(40, 300))


def _pick(draw: Random, below: int) -> int:
    """A number from 0 on; `randrange` takes four times as long."""
    return int(draw.random() * below)


def name_of(contact: int) -> tuple[str, str]:
    """The first and last name of a contact."""
    return _FIRST[contact % len(_FIRST)], _LAST[contact // len(_FIRST) % len(_LAST)]


def domain_of(account: int) -> str:
    """The domain of a company."""
    return f"company-{account}.example"


def company_of(account: int) -> str:
    """The name of a company."""
    return f"Company {account}"


def owner_of(contact: int) -> str:
    """The rep of a contact, by e-mail."""
    return f"rep-{contact % OWNERS + 1}@us.example"


def key_of(contact: int) -> str:
    """The id of a contact in the CRM."""
    return f"c{contact:08}"


def profile_of(contact: int) -> str:
    """The LinkedIn profile of a contact, in its canonical form."""
    return f"linkedin.com/in/person-{contact:08}"


def signal_of(number: int) -> str:
    """The id of a signal at its source."""
    return f"n{number:09}"


def _move(draw: Random, account: int, place: int) -> dict[str, str | int]:
    level = _LEVELS[_pick(draw, len(_LEVELS))]
    return {
        "new_title": f"Head of desk {_pick(draw, 50)}",
        "new_seniority": level,
        "new_department": DEPARTMENTS[_pick(draw, len(DEPARTMENTS))],
        "new_company": company_of(place),
        "new_domain": domain_of(place),
        "previous_company": company_of(account),
        "previous_domain": domain_of(account),
    }


def _growth(draw: Random) -> dict[str, str | int]:
    return {"department": DEPARTMENTS[_pick(draw, len(DEPARTMENTS))], "open_roles": 1 + _pick(draw, 12)}


def _interest(draw: Random) -> dict[str, str | int]:
    return {"topic": TOPICS[_pick(draw, len(TOPICS))], "score": 1 + _pick(draw, 100)}
