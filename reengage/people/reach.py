"""How far a no travels: the keys under which a contact is looked up, and those under which a person's stop is filed.

Any key in common is a stop. Both sides are plain sets that only ever grow with what is known of someone, so the order
in which things were learnt does not matter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator

from reengage.people.identifiers import is_role_address, lookup_keys, stored_keys

Key = tuple[str, str]
"""(kind, canonical value)."""

Names = Collection[tuple[str, str]]
"""Every (first, last) name a contact has been known by."""

FOLLOWED_PHONE, COMPANY, DIGEST, ERASED = "phone_followed", "company", "digest", "erased"
"""Kinds of keys beside those of identifiers: a phone that is only listed (nobody is looked up by it), the name of a
company, the keyed digest of a key whose plain form is not here, and that of an address or profile of someone erased."""

PLACEHOLDERS = frozenset(
    ["none", "noemail", "nomail", "na", "null", "unknown", "anonymous", "dummy", "fake", "test", "example", "invalid"]
)
"""What people type into a field for an address that they do not have; it reaches nobody."""


def is_kept(kind: str) -> bool:
    """Whether the digest of such a key stays after an erasure: addresses, numbers and profiles (CNIL MED-2023-040)."""
    return kind in ("email", "email_any", "phone", "phone9", "linkedin", "linkedin_sales")


def names_a_person(kind: str, value: str) -> bool:
    """Whether an identifier is one person's own: not a shared mailbox, a placeholder, or a telephone line."""
    if kind == "email":
        local = value.rpartition("@")[0].partition("+")[0].replace("-", "").replace("_", "").replace(".", "")
        return local not in PLACEHOLDERS and not is_role_address(value)
    return kind != "phone"


def looked_up_by(identifiers: Iterable[Key], names: Names) -> set[Key]:
    """The keys by which an opt-out finds the contact with these identifiers and names."""
    found: set[Key] = set()
    for kind, value in identifiers:
        found.update(lookup_keys(kind, value))
        if kind == "phone":
            found.update(_on_the_line(value, names))
            found.update(("phone9_nameless", line) for line in _lines(value) if not _words(names))
    return found


def filed_under(identifiers: Iterable[Key], names: Names) -> set[Key]:
    """The keys that a person's stop is filed under, so that it reaches whoever else turns out to be this person.

    Colleagues share telephone lines, so by a number it reaches those of the same first or last name, and those whose
    name nobody knows.
    """
    found: set[Key] = set()
    for kind, value in identifiers:
        if kind == "phone":
            found.add((FOLLOWED_PHONE, value))
            found.update(_on_the_line(value, names))
            found.update(("phone9_nameless", line) for line in _lines(value))
        elif names_a_person(kind, value):
            found.update(stored_keys(kind, value))
    return found


def whole_lines(identifiers: Iterable[Key], names: Names) -> set[Key]:
    """The telephone lines of someone whose name nobody knows: it may be anybody there, so their stop reaches all."""
    if _words(names):
        return set()
    return {("phone9", line) for kind, value in identifiers if kind == "phone" for line in _lines(value)}


def may_be_one(names: Names, others: Names) -> bool:
    """Whether two contacts may be one person by their names: none is known, or no part of them speaks against it."""
    pairs = [(one, other) for one in names for other in others]
    return not pairs or any(all(map(_agree, one, other)) for one, other in pairs)


def _agree(one: str, other: str) -> bool:
    """Whether two spellings of a name may be the same; an initial stands for any name that begins with it."""
    shorter, longer = sorted((_folded(one), _folded(other)), key=len)
    return not shorter or shorter == longer or (len(shorter) == 1 and longer.startswith(shorter))


def _on_the_line(phone: str, names: Names) -> Iterator[Key]:
    return (("phone9_name", f"{line} {word}") for line in _lines(phone) for word in _words(names))


def _lines(phone: str) -> list[str]:
    return [value for kind, value in stored_keys("phone", phone) if kind == "phone9"]


def _words(names: Names) -> list[str]:
    """First and last names, told apart, without regard to case, accents and punctuation."""
    folded = [(place, _folded(word)) for pair in names for place, word in zip("fl", pair, strict=True)]
    return sorted({f"{place}:{word}" for place, word in folded if word})


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
