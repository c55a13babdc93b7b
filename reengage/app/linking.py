"""Whom a signal concerns: the contact its keys name, or a company."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from reengage.app.hearing import certainty_of
from reengage.app.imports.persons import regions_of
from reengage.app.project import Project
from reengage.language.titles import Titles
from reengage.model.people import Account, IdentifierKind
from reengage.model.signal import Keys, Signal
from reengage.model.words import Certainty
from reengage.people.identifiers import canonical_domain, canonical_email, canonical_linkedin
from reengage.people.phones import canonical_phone
from reengage.people.reach import Key
from reengage.store import identity, signals
from reengage.store.accounts import account_of, find_accounts
from reengage.store.erasure import follow_erased
from reengage.store.keys import find_erased
from reengage.store.signals import MOVES, Linked


class _Named(NamedTuple):
    """A signal with the canonical identifiers of the person it names, the contacts who have them, and their humans."""

    signal: Signal
    keys: tuple[Key, ...]
    contacts: Collection[int] = ()
    people: Collection[int] = ()
    unlinked: tuple[Key, ...] = ()


def link(
    connection: Connection, chunk: Sequence[Signal], project: Project, titles: Titles, at: datetime
) -> list[Linked]:
    """Whom each signal concerns: the one human all its keys name, else the company of its domain."""
    regions = tuple(regions_of(None, project))
    named = [_Named(signal, _person_keys(signal.keys, regions)) for signal in chunk]
    named = _known(connection, _without_erased(connection, named, at))
    holders = identity.holders(connection, [key for one in named if len(one.people) != 1 for key in one.keys])
    moving = [one for one in named if one.signal.kind == "job_change"]  # of nothing else it matters where they worked
    history = signals.histories(connection, {contact for one in moving for contact in one.contacts})
    places = {place_of(one.signal) for one in named if one.signal.kind in _PLACED}
    domains = {one.signal.keys.domain for one in named} - {None}
    sites = {domain: canonical_domain(domain or "") for domain in domains}
    accounts = find_accounts(connection, [*places, *((None, domain) for domain in sites.values())])
    return [_linked(one, history, sites, accounts, holders, titles) for one in named]


def _linked(
    one: _Named,
    history: Mapping[int, Sequence[Account]],
    sites: Mapping[str | None, str | None],
    accounts: Mapping[Key, int],
    holders: Mapping[Key, Collection[int]],
    titles: Titles,
) -> Linked:
    signal, keys, contacts, people, unlinked = one
    kind, site = signal.kind, signal.keys.domain
    if len(people) == 1 and site is None and kind not in MOVES:
        return Linked(signal, keys, min(contacts), None, None, _NOBODY, signal.certainty or _CONFIRMED, unlinked)
    domain = sites.get(site)
    contact = min(contacts) if len(people) == 1 else None
    company = None if contact or domain is None or kind in MOVES else account_of(accounts, None, domain)
    about = account_of(accounts, *place_of(signal)) if kind in _PLACED else None
    sure = _certainty(signal, people, history, titles)
    all_keys = (*keys, ("domain", domain)) if domain else keys
    if contact is not None:
        return Linked(signal, all_keys, contact, company, about or company, _NOBODY, sure, unlinked)
    maybe = frozenset(id for key in keys for id in holders.get(key, ()))
    return Linked(signal, all_keys, contact, company, about or company, maybe, sure, unlinked)


_PLACED = {"job_change": "new", "left_company": "previous"}
"""Kinds that are about a company by their facts, and how the names of these facts begin."""

_NOBODY: frozenset[int] = frozenset()
_CONFIRMED = Certainty.CONFIRMED

_EMAIL, _PHONE = IdentifierKind.EMAIL.value, IdentifierKind.PHONE.value


def _known(connection: Connection, named: Sequence[_Named]) -> list[_Named]:
    """The same with whom we know by their identifiers, and by which of these identifiers not yet."""
    by_key = identity.humans(connection, [key for one in named for key in one.keys])
    found = []
    for one in named:
        signal, keys = one.signal, one.keys
        hits = [by_key[key] for key in keys if key in by_key]
        if len(keys) == 1 == len(hits):
            found.append(_Named(signal, keys, (hits[0].contact,), (hits[0].keeper,)))
            continue
        contacts = {hit.contact for hit in hits}
        mine = min(contacts, default=None)
        unlinked = tuple(key for key in keys if key not in by_key or mine not in by_key[key].holders)
        found.append(_Named(signal, keys, contacts, {hit.keeper for hit in hits}, unlinked))
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
    domain = canonical_domain(signal.keys.domain or "")
    return bool(domain or _person_keys(signal.keys, regions_of(None, project)))


def _certainty(
    signal: Signal, people: Collection[int], history: Mapping[int, Sequence[Account]], titles: Titles
) -> Certainty:
    if len(people) > 1:
        return Certainty.UNCERTAIN
    if signal.kind != "job_change":
        return signal.certainty or Certainty.CONFIRMED
    return certainty_of(signal, [account for person in people for account in history.get(person, ())], titles)


def _person_keys(keys: Keys, regions: Sequence[str]) -> tuple[Key, ...]:
    """The canonical identifiers of the person a signal names; national phone numbers are of these regions."""
    emails = keys.emails if keys.email is None else (keys.email, *keys.emails)
    found: list[Key] = [(_EMAIL, email) for text in emails if text and (email := canonical_email(text))]
    if keys.linkedin and (profile := canonical_linkedin(keys.linkedin)):
        found.append(profile)
    if keys.phone or keys.phones:
        phones = (keys.phone, *keys.phones)
        found += [(_PHONE, phone) for text in phones if text and (phone := canonical_phone(text, regions))]
    if keys.crm:
        found += [(f"crm:{system.casefold()}", id) for system, id in sorted(keys.crm.items())]
    if keys.vendor:
        found += [(f"vendor:{vendor.casefold()}", id) for vendor, id in sorted(keys.vendor.items())]
    return tuple(found)


def place_of(signal: Signal) -> tuple[str | None, str | None]:
    """The company a move is about, by name and domain: the new one, or the one that was left for nobody knows where."""
    which = _PLACED.get(signal.kind)
    return (_text(signal, f"{which}_company"), _text(signal, f"{which}_domain")) if which else (None, None)


def _text(signal: Signal, name: str) -> str | None:
    value = signal.facts.get(name)
    return str(value) if value is not None else None
