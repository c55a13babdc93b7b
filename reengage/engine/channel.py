"""By what channel to reach out: never a closed one, and rather another one than the last no came by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reengage.engine.care import emails_since_hold
from reengage.engine.now import Now
from reengage.gate.admit import Admitted
from reengage.language.tree import Rule
from reengage.model.settings import Caps
from reengage.model.words import Channel

USUAL_ORDER = (Channel.PHONE, Channel.EMAIL, Channel.LINKEDIN)
"""What is tried first where neither the rule nor the response says."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The channel, and why this one."""

    channel: Channel
    why: str


def choose_channel(admitted: Admitted, rule: Rule, order: Iterable[Channel], caps: Caps, now: Now) -> Choice | None:
    """The channel for a task of this rule, or None where every channel is closed or spent.

    Once a hold has had its e-mails, further touches change the medium.
    """
    candidate = admitted.candidate
    asked = [Channel(rule.then.channel)] if rule.then.channel != "other_than_last" else []
    tried = dict.fromkeys((*asked, *order, *USUAL_ORDER))
    usable = [channel for channel in tried if channel in admitted.open_channels]
    if emails_since_hold(candidate, now) >= caps.email_touches:
        usable = [channel for channel in usable if channel is not Channel.EMAIL]
    on_file = [channel for channel in usable if channel in candidate.reachable]
    last = candidate.conversation.channel if candidate.conversation else None
    if asked and asked[0] in usable:
        return Choice(asked[0], "the rule asks for it")
    for channel in (*on_file, *usable):
        if channel is not last:
            return Choice(channel, _why(channel, last, channel in on_file))
    return Choice(usable[0], "the only channel that is open") if usable else None


def _why(channel: Channel, last: Channel | None, on_file: bool) -> str:
    why = f"the last no came by {last}" if last else "the first channel that is open"
    return why if on_file else f"{why}; no address for {channel} is on file"
