"""A made-up book as the files that the importers read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from bench.book import OWNERS, Book, News, company_of, domain_of, key_of, owner_of, profile_of, signal_of

FILES = ("owners", "contacts", "conversations")
"""In the order in which they are imported."""

_OWNERS = ("owner_email", "name", "country", "time_zone", "active")
_CONTACTS = (
    *("contact_id", "first_name", "last_name", "email", "linkedin_url", "title", "seniority", "department"),
    *("account_name", "account_domain", "account_status", "owner_email", "country", "opted_out"),
)
_CONVERSATIONS = (
    *("conversation_id", "contact_id", "at", "channel", "rep_email", "response", "their_words"),
    *("vendor", "contract_ends", "call_back_on"),
)


def write_files(book: Book, folder: Path) -> None:
    """Write owners, contacts and conversations as CSV, and the signals where our own connector looks for them."""
    _table(folder / "owners.csv", _OWNERS, _owners())
    _table(folder / "contacts.csv", _CONTACTS, _contacts(book))
    _table(folder / "conversations.csv", _CONVERSATIONS, _conversations(book))
    (folder / "signals").mkdir(exist_ok=True)
    write_signals(folder / "signals" / "heard.jsonl", book, book.news())


def write_signals(path: Path, book: Book, news: Iterable[News]) -> None:
    """Write signals in our own envelope."""
    with path.open("w", encoding="utf-8") as file:
        for one in news:
            file.write(json.dumps(_envelope(book, one)) + "\n")


def _envelope(book: Book, one: News) -> dict[str, object]:
    return {
        "id": signal_of(one.number),
        "source": "bench",
        "type": one.kind,
        "time": one.occurred_at.isoformat(),
        "received_at": one.received_at.isoformat(),
        "keys": {"email": book.email_of(one.contact)} if one.contact else {"domain": domain_of(one.account)},
        "facts": one.facts,
    }


def _owners() -> Iterable[Iterable[object]]:
    return ((owner_of(number), f"Rep {number % OWNERS + 1}", "GB", "UTC", "true") for number in range(OWNERS))


def _contacts(book: Book) -> Iterable[Iterable[object]]:
    for one in book.people():
        status = "customer" if book.is_customer(one.account) else "prospect"
        place = (company_of(one.account), domain_of(one.account), status)
        job = ("", one.seniority, one.department)
        names = (one.first, one.last, one.email, f"https://www.{profile_of(one.number)}")
        yield (key_of(one.number), *names, *job, *place, one.owner, one.country, "true" if one.opted_out else "")


def _conversations(book: Book) -> Iterable[Iterable[object]]:
    for one in book.people():
        said = ("phone", one.owner, one.said, "Not at the moment")
        vendor = "Vendor" if one.contract_ends else ""
        dates = (one.contract_ends or "", one.call_back_on or "")
        yield (f"v{one.number:08}", key_of(one.number), _moment(one.said_at), *said, vendor, *dates)


def _moment(at: datetime) -> str:
    return at.isoformat()


def _table(path: Path, heading: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)
