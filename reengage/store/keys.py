"""The keys by which the ledger finds a contact, and those by which a stop follows a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from reengage.model.people import IdentifierKind
from reengage.people.identifiers import is_freemail, lookup_keys, registrable
from reengage.people.keyring import Keyring
from reengage.people.reach import COMPANY, DIGEST, ERASED, Key, filed_under, looked_up_by, may_be_one, whole_lines
from reengage.store import accounts, identity, jobs
from reengage.store import columns as t
from reengage.store.inserts import insert_all
from reengage.store.ledger import keyring_of
from reengage.store.versions import CHUNK, among, chunks


def rekey(connection: Connection, contacts: Collection[int]) -> None:
    """File these contacts anew under every key by which an opt-out would reach them.

    Addresses at a former employer's domain do not count for that company's opt-out: it does not follow a leaver.
    """
    keys = looked_up(connection, contacts)
    _add_digests(connection, keys)
    for some in chunks(contacts):
        connection.execute(delete(t.ContactKeyRow).where(among(connection, t.ContactKeyRow.contact_id, some)))
    rows = [
        {"kind": kind, "value": value, "contact_id": contact}
        for contact, found in keys.items()
        for kind, value in sorted(found)
    ]
    if rows:
        insert_all(connection, insert(t.ContactKeyRow), rows)


def looked_up(connection: Connection, contacts: Collection[int]) -> dict[int, set[Key]]:
    """Every plain key by which an opt-out would find each of these contacts."""
    names = identity.names(connection, contacts)
    known = identifiers(connection, contacts)
    own = _imported_ids(connection, contacts)
    merged = identity.merged_with(connection, contacts)
    others = _imported_ids(connection, {id for found in merged.values() for id in found})
    employed = jobs.employments(connection, contacts)
    places = accounts.domains_and_names(connection, {job.account_id for found in employed.values() for job in found})
    found = {}
    for contact in contacts:
        theirs = [*known.get(contact, ()), own[contact], *(others[id] for id in merged.get(contact, ()))]
        keys = looked_up_by(theirs, names.get(contact, ()))
        found[contact] = _at_work(keys, employed.get(contact, ()), places)
    return found


def person_keys(connection: Connection, contacts: Collection[int]) -> dict[int, set[Key]]:
    """The keys under which a stop of each of these contacts is filed."""
    names = identity.names(connection, contacts)
    known = identifiers(connection, contacts, detached=False)
    own = _imported_ids(connection, contacts)
    return {
        contact: filed_under([*known.get(contact, ()), own[contact]], names.get(contact, ())) for contact in contacts
    }


def all_filed(connection: Connection, contacts: Collection[int]) -> set[Key]:
    """Every key that a stop of any of these contacts may be filed under because of their names and numbers."""
    return {key for found in person_keys(connection, contacts).values() for key in found}


def shared_lines(connection: Connection, contacts: Collection[int]) -> set[Key]:
    """The telephone lines of these contacts that somebody of another name has too: they do not tell who someone is."""
    row, found = t.ContactKeyRow, set()
    names = identity.names(connection, contacts)
    mine = select(row.value).where(row.contact_id.in_(contacts), row.kind == "phone9")
    lines = set(connection.execute(mine).scalars())
    theirs = select(row.value, row.contact_id).where(row.kind == "phone9", row.contact_id.not_in(contacts))
    for some in chunks(lines):
        for hit in connection.execute(theirs.where(row.value.in_(some))):
            others = identity.names(connection, [hit.contact_id]).get(hit.contact_id, set())
            known = {name for all_names in names.values() for name in all_names}
            if others and known and not may_be_one(known, others):
                found.add(("phone9", hit.value))
    return found


def match_digests(connection: Connection) -> None:
    """Look everybody in the book up by digest, after entries came of which nothing else is known."""
    last, row = 0, t.ContactRow
    while page := list(connection.execute(select(row.id).where(row.id > last).order_by(row.id).limit(CHUNK)).scalars()):
        rekey(connection, page)
        last = page[-1]


def lines_of_nameless(connection: Connection, contacts: Collection[int]) -> dict[int, set[Key]]:
    """The telephone lines of those of these contacts whose name nobody knows."""
    names = identity.names(connection, contacts)
    known = identifiers(connection, set(contacts) - set(names), detached=False)
    return {contact: found for contact in known if (found := whole_lines(known[contact], ()))}


def digests_of(keyring: Keyring, keys: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
    """The keyed digests of these keys, under every secret."""
    return {key: keyring.digests(*key) for key in keys if key[0] != DIGEST}


def known_digests(connection: Connection, digests: Collection[str]) -> set[str]:
    """Those of these digests that an entry is filed under."""
    row, found = t.OptOutKeyRow, set()
    for some in chunks(digests):
        found |= set(connection.execute(select(row.value).where(row.kind == DIGEST, row.value.in_(some))).scalars())
    return found


def any_digests(connection: Connection) -> bool:
    """Whether anything has been erased, or replayed from the journal."""
    return (
        connection.execute(select(t.OptOutKeyRow.value).where(t.OptOutKeyRow.kind == DIGEST).limit(1)).first()
        is not None
    )


def find_erased(connection: Connection, wanted: Iterable[Key]) -> dict[Key, list[int]]:
    """Those of these identifiers that belong to someone who was erased, with the entries that close them."""
    row = t.OptOutKeyRow
    if connection.execute(select(row.value).where(row.kind == ERASED).limit(1)).first() is None:
        return {}
    keyring = keyring_of(connection)
    digests = {digest: key for key in set(wanted) for digest in keyring.digests(*key)}
    found: dict[Key, list[int]] = defaultdict(list)
    for some in chunks(digests):
        for hit in connection.execute(select(row.__table__).where(row.kind == ERASED, row.value.in_(some))):
            found[digests[hit.value]].append(hit.opt_out_id)
    return dict(found)


def _add_digests(connection: Connection, keys: dict[int, set[Key]]) -> None:
    """Beside the plain keys, the digests among them that an entry is filed under."""
    keyring = keyring_of(connection)
    if not keyring or not any_digests(connection):
        return
    digests = digests_of(keyring, {key for found in keys.values() for key in found})
    known = known_digests(connection, {digest for some in digests.values() for digest in some})
    for found in keys.values():
        found |= {(DIGEST, digest) for key in tuple(found) for digest in digests[key] if digest in known}


def _at_work(keys: set[Key], employed: Collection[Any], places: dict[int | None, tuple[str | None, str]]) -> set[Key]:
    """The keys with those of the present employer, and without those of former ones."""
    present = jobs.current_job(employed)
    here, name = places.get(present.account_id, (None, "")) if present else (None, "")
    former: set[str | None] = set()
    if len(employed) > 1:
        former = {places.get(job.account_id, (None, ""))[0] for job in employed} - {here, None}
    if here:
        keys |= set(lookup_keys("domain", here))
    if name:
        keys.add((COMPANY, name))
    if present and present.site:
        keys |= set(lookup_keys("domain", present.site))
    return {
        (kind, value)
        for kind, value in keys
        if kind != "domain" or not (is_freemail(value) or (registrable(value) or value) in former)
    }


def _imported_ids(connection: Connection, contacts: Iterable[int]) -> dict[int, Key]:
    keys = identity.imported_ids(connection, contacts)
    return {contact: (IdentifierKind.IMPORT.value, key) for contact, key in keys.items()}


def identifiers(connection: Connection, contacts: Iterable[int], detached: bool = True) -> dict[int, list[Key]]:
    """The identifiers of each of these contacts; those that were split off from it only with `detached`."""
    row = t.IdentifierRow
    found: dict[int, list[Key]] = defaultdict(list)
    for some in chunks(contacts):
        statement = select(row.contact_id, row.kind, row.value).where(among(connection, row.contact_id, some))
        for contact, kind, value in connection.execute(statement if detached else statement.where(~row.detached)).all():
            found[contact].append((kind, value))
    return found
