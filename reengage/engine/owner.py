"""Which rep a task goes to: the rep of the earlier conversation, or whoever stands in."""

from __future__ import annotations

from reengage.language.tree import Rule
from reengage.model.candidate import Candidate
from reengage.model.people import Owner
from reengage.model.settings import Settings


def choose_owner(candidate: Candidate, rule: Rule, settings: Settings) -> tuple[Owner | None, str]:
    """The rep for a task and why: the rep of the earlier conversation, the manager where that rep is inactive."""
    talk, contact = candidate.conversation, candidate.contact
    rep = talk.rep_email if talk else None
    asked = rule.then.owner
    ways: list[tuple[str | None, str]] = [
        (rep, "you had the earlier conversation"),
        (contact.owner_email, "you own this contact"),
        (settings.default_owner, "no rep of this contact is active"),
    ]
    if asked == "contact_owner":
        ways = [ways[1], ways[0], ways[2]]
    elif asked == "manager":
        manager = _manager(candidate, rep or contact.owner_email)
        ways = [(manager, "the rule asks for the manager"), *ways]
    elif asked != "conversation_rep":
        ways = [(asked, "the rule names you"), *ways]
    for email, why in ways:
        owner, stands_in = _active(candidate, email)
        if owner is not None:
            return owner, f"{email} is inactive and you are the manager" if stands_in else why
    return None, "no active owner: add the rep to the owners file, or default_owner to reengage.toml"


def _manager(candidate: Candidate, email: str | None) -> str | None:
    owner = candidate.owners.get(email or "")
    return owner.manager_email if owner else None


def _active(candidate: Candidate, email: str | None) -> tuple[Owner | None, bool]:
    """The rep of this address, or the nearest active manager above; a rep we have no row for counts as active."""
    seen: set[str] = set()
    stands_in = False
    while email and email not in seen:
        seen.add(email)
        owner = candidate.owners.get(email, Owner(email=email))
        if owner.active:
            return owner, stands_in
        email, stands_in = owner.manager_email, True
    return None, False
