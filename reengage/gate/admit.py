"""Who may be judged at all: asked before any rule is read, and again wherever something is written or leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reengage.model.candidate import Candidate
from reengage.model.decision import Decision
from reengage.model.optout import Standing
from reengage.model.words import Channel, Outcome

_GATE = object()


class Admitted:
    """A candidate that may be judged, with the channels still open; nothing but `admit` can make one."""

    __slots__ = ("candidate", "open_channels")

    candidate: Candidate
    open_channels: frozenset[Channel]

    def __init__(self, candidate: Candidate, open_channels: frozenset[Channel], *, _made_by: object) -> None:
        if _made_by is not _GATE:
            raise TypeError("only gate.admit makes Admitted")
        self.candidate = candidate
        self.open_channels = open_channels


@dataclass(frozen=True, slots=True)
class Admission:
    """A page after the gate: who goes on, and a decision for everyone who does not."""

    admitted: tuple[Admitted, ...]
    refused: tuple[Decision, ...]


def admit(page: Iterable[Candidate], standings: Mapping[int, Standing]) -> Admission:
    """Split a page by what the ledger says; a contact without a readable standing is refused."""
    admitted: list[Admitted] = []
    refused: list[Decision] = []
    for candidate in page:
        standing = standings.get(candidate.contact.id, Standing(readable=False))
        refusal = refuse(standing)
        if refusal is None:
            admitted.append(Admitted(candidate, frozenset(Channel) - standing.closed, _made_by=_GATE))
        else:
            outcome, reason = refusal
            contact = candidate.contact
            refused.append(Decision(contact_id=contact.id, contact_key=contact.key, outcome=outcome, reason=reason))
    return Admission(tuple(admitted), tuple(refused))


def refuse(standing: Standing, channel: Channel | None = None) -> tuple[Outcome, str] | None:
    """Why this standing lets nothing through (on `channel`, if one is named), or None where it does."""
    if not standing.readable:
        return Outcome.OPTED_OUT, "the opt-out ledger could not be read for this contact, so nothing fires"
    if standing.everywhere:
        return Outcome.OPTED_OUT, f"opted out{_told(standing)}"
    if standing.excluded:
        return Outcome.EXCLUDED, f"the company opted out{_told(standing)}"
    if standing.closed >= frozenset(Channel):
        return Outcome.OPTED_OUT, f"every channel is closed{_told(standing)}"
    if channel is not None and channel in standing.closed:
        return Outcome.OPTED_OUT, f"opted out of {channel}{_told(standing)}"
    return None


def _told(standing: Standing) -> str:
    when = f" on {standing.since:%Y-%m-%d}" if standing.since else ""
    source = f" ({standing.source})" if standing.source else ""
    doubt = "; provisional, see `reengage review`" if standing.provisional else ""
    return f"{when}{source}{doubt}"
