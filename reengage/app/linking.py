"""Whom a signal concerns: the contact its keys name, or a company."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reengage.app.hearing import certainty_of
from reengage.app.imports.persons import regions_of
from reengage.app.project import Project
from reengage.language.titles import Titles
from reengage.model.people import Account, IdentifierKind
from reengage.model.signal import Keys, Signal
from reengage.model.words import Certainty
from reengage.people.identifiers import canonical_domain, canonical_email, canonical_linkedin, canonical_phone
from reengage.people.reach import Key
from reengage.store import identity, signals
from reengage.store.accounts import account_of, find_accounts
from reengage.store.erasure import follow_erased
from reengage.store.keys import find_erased
from reengage.store.signals import MOVES, Linked


@dataclass(frozen=True, slots=True)
class _Named:
    """A signal with the canonical identifiers of the person it names, the contacts who have them, and their humans."""

    signal: Signal
    keys: tuple[Key, ...]
    contacts: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


def link(
    connection: Connection, chunk: Sequence[Signal], project: Project, titles: Titles, at: datetime
) -> list[Linked]:
    """Whom each signal concerns: the one human all its keys name, else the company of its domain."""
    named = [_Named(signal, tuple(person_keys(signal.keys, project))) for signal in chunk]
    named = _known(connection, _without_erased(connection, named, at))
    holders = identity.holders(connection, [key for one in named if len(one.people) != 1 for key in one.keys])
    moving = [one for one in named if one.signal.kind == "job_change"]  # of nothing else it matters where they worked
    history = signals.histories(connection, {contact for one in moving for contact in one.contacts})
    places = [place_of(one.signal) for one in named]
    domains = {one.signal.keys.domain: canonical_domain(one.signal.keys.domain or "") for one in named}
    accounts = find_accounts(connection, [*places, *((None, domain) for domain in domains.values())])
    linked = []
    for one in named:
        signal, domain = one.signal, domains[one.signal.keys.domain]
        contact = min(one.contacts) if len(one.people) == 1 else None
        company = None if contact or signal.kind in MOVES else account_of(accounts, None, domain)
        about = account_of(accounts, *place_of(signal))
        sure = _certainty(signal, one.people, history, titles)
        all_keys = (*one.keys, *((("domain", domain),) if domain else ()))
        maybe = frozenset(id for key in one.keys for id in holders.get(key, ())) if contact is None else frozenset()
        linked.append(Linked(signal, all_keys, contact, company, about or company, maybe, sure))
    return linked


def _known(connection: Connection, named: Sequence[_Named]) -> list[_Named]:
    """The same with whom we know by their identifiers."""
    by_key = identity.whom(connection, [key for one in named for key in one.keys])
    persons = identity.keepers(connection, by_key.values())
    found = []
    for one in named:
        contacts = frozenset(by_key[key] for key in one.keys if key in by_key)
        found.append(_Named(one.signal, one.keys, contacts, frozenset(persons[id] for id in contacts)))
    return found


def _without_erased(connection: Connection, named: Sequence[_Named], at: datetime) -> Sequence[_Named]:
    """The signals about people who were not erased: of the others digests of new names are kept, and nothing else."""
    gone = find_erased(connection, [key for one in named for key in one.keys])
    if not gone:
        return named
    about = [{entry for key in one.keys for entry in gone.get(key, ())} for one in named]
    follow_erased(connection, [(one.keys, entries) for one, entries in zip(named, about, strict=True)], at)
    return [one for one, entries in zip(named, about, strict=True) if not entries]


def names_anybody(signal: Signal, project: Project) -> bool:
    """Whether any key of a signal can be read as an identifier of a person or a company."""
    return any(person_keys(signal.keys, project)) or bool(canonical_domain(signal.keys.domain or ""))


def _certainty(signal: Signal, people: frozenset[int], history: dict[int, list[Account]], titles: Titles) -> Certainty:
    if len(people) > 1:
        return Certainty.UNCERTAIN
    return certainty_of(signal, [account for person in people for account in history.get(person, ())], titles)


def person_keys(keys: Keys, project: Project) -> Iterator[Key]:
    """The canonical identifiers of the person a signal names."""
    for text in (keys.email, *keys.emails):
        email = canonical_email(text) if text else None
        if email:
            yield IdentifierKind.EMAIL, email
    profile = canonical_linkedin(keys.linkedin) if keys.linkedin else None
    if profile:
        yield profile
    for text in (keys.phone, *keys.phones):
        phone = canonical_phone(text, regions_of(None, project)) if text else None
        if phone:
            yield IdentifierKind.PHONE, phone
    for system, id in sorted(keys.crm.items()):
        yield f"crm:{system.casefold()}", id
    for vendor, id in sorted(keys.vendor.items()):
        yield f"vendor:{vendor.casefold()}", id


def place_of(signal: Signal) -> tuple[str | None, str | None]:
    """The company a move is about, by name and domain: the new one, or the one that was left for nobody knows where."""
    which = {"job_change": "new", "left_company": "previous"}.get(signal.kind)
    return (_text(signal, f"{which}_company"), _text(signal, f"{which}_domain")) if which else (None, None)


def _text(signal: Signal, name: str) -> str | None:
    value = signal.facts.get(name)
    return str(value) if value is not None else None
