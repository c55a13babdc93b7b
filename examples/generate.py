"""Writes the sample book: a drawn bulk and the hand-written part, the same bytes every time.

Run `python examples/generate.py [FOLDER]`; without a folder it writes `examples/book/` anew.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import vocabulary as words

T = TypeVar("T")
Row = dict[str, str]

SEED = 2026
HERE = Path(__file__).parent
HANDWRITTEN = HERE / "handwritten"
FIRST_TALK, LAST_TALK = date(2025, 12, 1), date(2026, 8, 19)
WEEKS = tuple(date(2026, 8, 31) + timedelta(weeks=week) for week in range(6))
ACCOUNTS, CONTACTS = 30, 251

OWNERS = {
    "GB": ("tom", "helen"),
    "US": ("mike", "priya", "dan"),
    "DE": ("anna", "katrin", "lukas"),
    "AT": ("lukas", "katrin"),
    "FR": ("claire",),
    "IT": ("sofia",),
    "PL": ("katrin",),
}

COUNTRIES = {"GB": 8, "US": 8, "DE": 6, "AT": 2, "FR": 3, "IT": 2, "PL": 1}

PHONES = {"GB": "020 7946 0{:03}", "DE": "030 23125 {:03}", "US": "(202) 555-01{:02}"}
"""Numbers that the regulators of these countries keep for fiction; elsewhere the bulk has none."""

CONTACT_COLUMNS = (
    *("contact_id", "first_name", "last_name", "email", "other_emails", "phone", "linkedin_url", "title"),
    *("account_name", "account_domain", "account_status", "owner_email", "country", "opted_out"),
    *("crm_system", "crm_contact_id", "crm_account_id"),
)
TALK_COLUMNS = (
    *("conversation_id", "contact_id", "email", "at", "channel", "rep_email", "response", "category", "their_words"),
    *("topic", "vendor", "contract_ends", "call_back_on", "wake_on", "referred_to", "recording_url", "notes"),
)
MOVE_COLUMNS = (
    *("Email", "LinkedIn URL", "First Name", "Last Name", "New Company", "New Company Domain", "New Title"),
    *("Previous Company", "Previous Company Domain", "Previous Title", "Change Date"),
)
SURGE_COLUMNS = (
    *("Company Name", "Domain", "Size", "Industry", "Category", "Topic", "Composite Score", "Bucket Code"),
    *("Metro Area", "Metro Composite Score", "Metro Bucket Code", "Domain Origin Country"),
)


class Draw:
    """Choices from `Random.random` alone: the one sequence that Python promises to keep from version to version."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, items: Sequence[T]) -> T:
        """One of these."""
        return items[self.number(0, len(items) - 1)]

    def chance(self, probability: float) -> bool:
        """True this often."""
        return self._random() < probability

    def weighted(self, weights: Mapping[str, int]) -> str:
        """One of these words, each as often as its weight says."""
        return self.one([word for word, weight in weights.items() for _ in range(weight)])

    def day(self, first: date, last: date) -> date:
        """A working day between these two."""
        day = first + timedelta(days=self.number(0, (last - first).days))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def moment(self, first: date, last: date) -> datetime:
        """A moment in the working hours of a working day."""
        return datetime.combine(self.day(first, last), time(self.number(8, 17), 5 * self.number(0, 11)), UTC)


@dataclass(frozen=True)
class Account:
    """A company of the bulk."""

    name: str
    domain: str
    country: str
    status: str


@dataclass(frozen=True)
class Signals:
    """What one weekly drop holds, as the rows of its three files."""

    moves: list[Row]
    surges: list[Row]
    events: list[dict[str, Any]]


def main(folder: Path) -> None:
    """Write the whole book into a folder."""
    draw = Draw(SEED)
    accounts = list(draw_accounts(draw))
    contacts = list(draw_contacts(draw, accounts))
    talks = [talk for contact in contacts for talk in draw_talks(draw, contact)]
    talks = sorted([*hand("conversations"), *talks], key=lambda row: row["at"])
    write_csv(folder / "owners.csv", None, hand("owners"))
    write_csv(folder / "contacts.csv", CONTACT_COLUMNS, [in_crm(row) for row in (*hand("contacts"), *contacts)])
    write_csv(folder / "conversations.csv", TALK_COLUMNS, talks)
    write_csv(folder / "opt-outs.csv", None, hand("opt-outs"))
    write_csv(folder / "outcomes.csv", None, [_as_outcome(row) for row in hand("outcomes")])
    write_csv(folder / "later-contacts.csv", CONTACT_COLUMNS, [in_crm(row) for row in hand("later-contacts")])
    write_csv(folder / "later-conversations.csv", TALK_COLUMNS, hand("later-conversations"))
    for week, monday in enumerate(WEEKS, start=1):
        drawn = draw_signals(draw, week, monday, accounts, contacts)
        write_week(folder / "weeks" / str(week), monday, add_handwritten(week, drawn))


def draw_accounts(draw: Draw) -> Iterator[Account]:
    """Companies with a name, a domain, a country and a status, no two alike."""
    for head in words.COMPANY_HEADS[:ACCOUNTS]:
        country = draw.weighted(COUNTRIES)
        trade = draw.one(words.COMPANY_TRADES[country])
        name = f"{head} {trade}"
        yield Account(name, f"{plain(name)}.example", country, draw.weighted(words.STATUSES))


def draw_contacts(draw: Draw, accounts: Sequence[Account]) -> Iterator[Row]:
    """People at these companies; no two have one address."""
    taken: set[str] = set()
    while len(taken) < CONTACTS:
        account = draw.one(accounts)
        given, family = draw.one(words.GIVEN_NAMES[account.country]), draw.one(words.FAMILY_NAMES[account.country])
        email = f"{plain(given)}.{plain(family)}@{account.domain}"
        if email in taken:
            continue
        taken.add(email)
        slug = f"{plain(given)}-{plain(family)}-{len(taken)}-example"
        yield {
            "contact_id": f"C-{len(taken):03}",
            "first_name": given,
            "last_name": family,
            "email": email,
            "phone": _phone(account.country, len(taken)),
            "linkedin_url": f"https://www.linkedin.com/in/{slug}" if draw.chance(0.6) else "",
            "title": draw.one(words.TITLES[account.country]),
            "account_name": account.name,
            "account_domain": account.domain,
            "account_status": account.status,
            "owner_email": f"{draw.one(OWNERS[account.country])}@ourcompany.example",
            "country": account.country,
        }


def _phone(country: str, number: int) -> str:
    usable = country in PHONES and (country != "US" or number < 100)
    return PHONES[country].format(number) if usable else ""


def in_crm(contact: Row) -> Row:
    """The contact with the ids under which a CRM has it and its company."""
    contact_id, account_id = (_crm_id(contact[name]) for name in ("contact_id", "account_domain"))
    return {**contact, "crm_system": "espocrm", "crm_contact_id": contact_id, "crm_account_id": account_id}


def _crm_id(name: str) -> str:
    """17 hexadecimal digits, the form of an id in EspoCRM."""
    return hashlib.sha256(name.encode()).hexdigest()[:17]


def draw_talks(draw: Draw, contact: Row) -> Iterator[Row]:
    """What was said so far: mostly one no, sometimes an earlier one, now and then a stop."""
    last = draw.moment(FIRST_TALK, LAST_TALK)
    if draw.chance(0.2):
        yield _talk(draw, contact, last - timedelta(days=draw.number(20, 45)), draw.weighted(words.RESPONSES), "a")
    yield _talk(draw, contact, last, draw.weighted(words.RESPONSES), "b")
    if draw.chance(0.05):
        stop = draw.one(("unsubscribe", "stop_calling"))
        yield _talk(draw, contact, last + timedelta(days=3), stop, "c")


def _talk(draw: Draw, contact: Row, at: datetime, response: str, suffix: str) -> Row:
    vendor = draw.one(words.VENDORS)
    named = at.date() + timedelta(days=draw.number(60, 280))
    ends = at.date() + timedelta(days=draw.number(120, 700))
    has_vendor = response == "already_with_vendor"
    quotes = words.QUOTES_BY_COUNTRY.get(contact["country"], words.QUOTES)
    return {
        "conversation_id": f"T-{contact['contact_id'][2:]}{suffix}",
        "contact_id": contact["contact_id"],
        "at": at.replace(tzinfo=None).isoformat(),
        "channel": draw.one(("phone", "phone", "email", "linkedin")),
        "rep_email": contact["owner_email"],
        "response": response,
        "their_words": draw.one(quotes.get(response, words.QUOTES[response])).format(vendor=vendor),
        "topic": draw.one(words.TOPICS) if draw.chance(0.4) else "",
        "vendor": vendor if has_vendor else "",
        "contract_ends": ends.isoformat() if has_vendor and draw.chance(0.5) else "",
        "call_back_on": named.isoformat() if response == "not_now" and draw.chance(0.25) else "",
    }


def draw_signals(draw: Draw, week: int, monday: date, accounts: Sequence[Account], contacts: Sequence[Row]) -> Signals:
    """A week of noise: much research of little strength, some moves, some news of companies."""
    surges = [_surge(draw, draw.one(accounts)) for _ in range(26)]
    moves = [_move(draw, monday, draw.one(contacts)) for _ in range(2)]
    events = [_event(draw, f"b-{week}-{number}", monday, draw.one(contacts)) for number in range(1, 15)]
    return Signals(moves, surges, events)


def _surge(draw: Draw, account: Account) -> Row:
    topic = draw.one(words.TOPICS)
    score = draw.number(45, 79)
    return {
        "Company Name": account.name.lower(),
        "Domain": account.domain,
        "Category": "crm",
        "Topic": topic,
        "Composite Score": str(score),
    }


def _move(draw: Draw, monday: date, contact: Row) -> Row:
    trades = words.COMPANY_TRADES[draw.one(tuple(words.COMPANY_TRADES))]
    company = f"{draw.one(words.COMPANY_HEADS)} & {draw.one(words.COMPANY_HEADS)} {draw.one(trades)}"
    return {
        "Email": contact["email"],
        "LinkedIn URL": contact["linkedin_url"],
        "First Name": contact["first_name"],
        "Last Name": contact["last_name"],
        "New Company": company,
        "New Company Domain": f"{plain(company)}.example",
        "New Title": draw.one(words.NEW_TITLES),
        "Previous Company": contact["account_name"],
        "Previous Company Domain": contact["account_domain"],
        "Previous Title": contact["title"],
        "Change Date": draw.day(monday - timedelta(days=40), monday - timedelta(days=4)).isoformat(),
    }


def _event(draw: Draw, id: str, monday: date, contact: Row) -> dict[str, Any]:
    person, company = {"email": contact["email"]}, {"domain": contact["account_domain"]}
    kind, source, keys, facts = draw.one(
        (
            ("visit", "website", person, {"page": draw.one(("/", "/pricing", "/blog", "/careers"))}),
            ("visit", "website", company, {"page": draw.one(("/", "/demo", "/blog"))}),
            ("intent", "topic-feed", company, {"topic": draw.one(words.TOPICS), "score": draw.number(40, 78)}),
            ("team_expansion", "jobs-board", company, {"department": "engineering", "open_roles": draw.number(1, 15)}),
            ("team_expansion", "jobs-board", company, {"department": "sales", "open_roles": draw.number(1, 2)}),
            ("funding", "money-news", company, {"amount": 50000 * draw.number(4, 30), "stage": "seed"}),
            ("promotion", "people-data", person, {"new_title": draw.one(words.NEW_TITLES[:2])}),
        )
    )
    at = draw.moment(monday - timedelta(days=7), monday - timedelta(days=3))
    return {"id": id, "source": source, "type": kind, "time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "keys": keys, "facts": facts}


def hand(name: str) -> list[Row]:
    """The rows of a hand-written file."""
    with (HANDWRITTEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_handwritten(week: int, drawn: Signals) -> Signals:
    """The drop of a week with its hand-written signals first."""
    lines = (HANDWRITTEN / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    return Signals(
        [*_of_week("moves", week), *drawn.moves],
        [*_of_week("surges", week), *drawn.surges],
        [*(event for event in events if event.pop("week") == week), *drawn.events],
    )


def _of_week(name: str, week: int) -> Iterator[Row]:
    return (row for row in hand(name) if row.pop("week") == str(week))


def write_week(folder: Path, monday: date, drop: Signals) -> None:
    """Write the three files of a weekly drop, as their connectors expect them."""
    write_csv(folder / "bombora" / f"surge_{monday}.csv", SURGE_COLUMNS, drop.surges)
    write_csv(folder / "job-changes" / f"moves_{monday}.csv", MOVE_COLUMNS, drop.moves)
    lines = "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in drop.events)
    (folder / f"signals_{monday}.jsonl").write_text(lines, encoding="utf-8", newline="")


def write_csv(path: Path, columns: Iterable[str] | None, rows: Sequence[Row]) -> None:
    """Write rows under these columns, or under those of the first row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns or rows[0]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _as_outcome(row: Row) -> Row:
    """An outcome under the key of its task: a hash of rule, contact and trigger, as `reengage` makes it."""
    named = "\x1f".join((row["rule"], row["contact_id"], row["trigger"]))
    key = f"rx-{hashlib.sha256(named.encode()).hexdigest()[:20]}"
    return {"task_key": key, **{name: row[name] for name in ("status", "at", "outcome", "notes")}}


def plain(text: str) -> str:
    """Lower-case ASCII for addresses: ü becomes ue, é becomes e, the rest a dash."""
    for letter, spelled in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o"}.items():
        text = text.lower().replace(letter, spelled)
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in letters.replace("'", "")).split())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "book")
