"""Whom a signal concerns: the contact its keys name, or a company."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def link(
    connection: Connection, chunk: Sequence[Signal], project: Project, titles: Titles, at: datetime
) -> list[Linked]:
    """Whom each signal concerns: the one human all its keys name, else the company of its domain."""
    chunk = _without_erased(connection, chunk, project, at)
    keys = [tuple(person_keys(signal.keys, project)) for signal in chunk]
    named = identity.whom(connection, [key for some in keys for key in some])
    places = [place_of(signal) for signal in chunk]
    domains = [canonical_domain(signal.keys.domain or "") for signal in chunk]
    holders = identity.holders(connection, [key for some in keys for key in some])
    accounts = find_accounts(connection, [*places, *((None, domain) for domain in domains)])
    persons = identity.keepers(connection, named.values())
    history = signals.histories(connection, set(named.values()))
    linked = []
    for signal, some, place, domain in zip(chunk, keys, places, domains, strict=True):
        contacts = {named[key] for key in some if key in named}
        people = {persons[contact] for contact in contacts}
        contact = min(contacts) if len(people) == 1 else None
        company = None if contact or signal.kind in MOVES else account_of(accounts, None, domain)
        about = account_of(accounts, *place)
        sure = _certainty(signal, people, history, titles)
        all_keys = (*some, *((("domain", domain),) if domain else ()))
        maybe = frozenset(id for key in some for id in holders.get(key, ())) if contact is None else frozenset()
        linked.append(Linked(signal, all_keys, contact, company, about or company, maybe, sure))
    return linked


def _without_erased(connection: Connection, chunk: Sequence[Signal], project: Project, at: datetime) -> list[Signal]:
    """The signals about people who were not erased: of the others digests of new names are kept, and nothing else."""
    keys = {id(signal): list(person_keys(signal.keys, project)) for signal in chunk}
    gone = find_erased(connection, [key for some in keys.values() for key in some])
    about = {id(signal): {entry for key in keys[id(signal)] for entry in gone.get(key, ())} for signal in chunk}
    follow_erased(connection, [(keys[one], entries) for one, entries in about.items()], at)
    return [signal for signal in chunk if not about[id(signal)]]


def names_anybody(signal: Signal, project: Project) -> bool:
    """Whether any key of a signal can be read as an identifier of a person or a company."""
    return any(person_keys(signal.keys, project)) or bool(canonical_domain(signal.keys.domain or ""))


def _certainty(signal: Signal, people: set[int], history: dict[int, list[Account]], titles: Titles) -> Certainty:
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
