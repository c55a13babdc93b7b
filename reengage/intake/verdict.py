"""What an answer comes to: whether it is a stop, what it says, what counts at once and what a person has to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reengage.model.reading import Clues, Reading
from reengage.model.reply import Reply
from reengage.model.words import STOPS, Channel, Response

ACT_FROM = 0.8
"""The certainty from which on a reading counts without being asked about; our choice."""

AUTOMATIC = frozenset({Response.AUTO_REPLY, Response.OUT_OF_OFFICE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer comes to; without a `response` only a person can say what it means.

    `stop` closes the person: `sure` for good, `doubt` until somebody has looked. `clues` count at once, `offered` ones
    wait for a person, who is asked the `question`, if there is one.
    """

    response: Response | None
    stop: Literal["sure", "doubt"] | None
    clues: Clues
    offered: Clues
    question: str | None


def decide(reply: Reply, reading: Reading, act_from: float = ACT_FROM) -> Verdict:
    """What an answer comes to by what was stated of it and what its words seem to say.

    Words that may be a stop close the person whatever anybody states: who states otherwise is asked.
    """
    may_stop = reading.doubtful_stop or reading.response in STOPS
    reading = _in_person(reply, reading)
    if reply.said in STOPS:
        return Verdict(reply.said, "sure", _counted(reply, reading), Clues(), None)
    if may_stop and (reply.said or reading.doubtful_stop or reading.certainty < act_from):
        counted = reply.clues
        return Verdict(None, "doubt", counted, _offered(reply, reading, counted), _doubt(reply, reading))
    if may_stop:
        return Verdict(reading.response, "sure", _counted(reply, reading), Clues(), None)
    counted = _counted(reply, reading)
    offered = _offered(reply, reading, counted)
    if reply.said is None and reading.certainty < act_from:
        return Verdict(None, None, counted, offered, _unclear(reply, reading))
    automatic = reply.said in AUTOMATIC and reading.response in AUTOMATIC
    response = reading.response if automatic else reply.said or reading.response
    named = [] if response in AUTOMATIC else told(offered)
    asks = f"they mention {'; '.join(named)}: is it so?" if named else None
    return Verdict(response, None, counted, offered, asks)


def _in_person(reply: Reply, reading: Reading) -> Reading:
    """The reading, in which whoever wants off a list by their own words has written to us, and not clicked."""
    if reading.response is not Response.UNSUBSCRIBE:
        return reading
    said = Response.STOP_CALLING if reply.channel is Channel.PHONE else Response.STOP_EMAILING
    return reading.model_copy(update={"response": said})


def _counted(reply: Reply, reading: Reading) -> Clues:
    """What was stated; a day from which on they want to hear from us counts as soon as they name it: it only waits."""
    if reply.clues.call_back_on or reply.said in AUTOMATIC or reading.response in AUTOMATIC:
        return reply.clues
    return reply.clues.model_copy(update={"call_back_on": reading.clues.call_back_on})


def _offered(reply: Reply, reading: Reading, counted: Clues) -> Clues:
    """What the words mention and nobody has stated."""
    stated = counted.model_dump(exclude_defaults=True)
    left = {name: value for name, value in reading.clues if name not in stated and name != "channels"}
    return Clues(**left)


def told(clues: Clues) -> list[str]:
    """The clues that there are, in words."""
    named = [
        ("to be contacted from {} on", clues.call_back_on),
        ("{} as their vendor", clues.vendor),
        ("a contract that ends on {}", clues.contract_ends),
        ("{} as the person to talk to", clues.referred_to),
        ("that only {} would change their mind", ", ".join(clues.wake_on)),
    ]
    return [text.format(f"“{value}”" if isinstance(value, str) else value) for text, value in named if value]


def _doubt(reply: Reply, reading: Reading) -> str:
    stated = f"; it was handed in as {_word(reply.said)}" if reply.said else ""
    return f"this may be a stop ({_word(reading.response)}): {_quoted(reply, reading)}{stated}; is it one?"


def _unclear(reply: Reply, reading: Reading) -> str:
    if not reply.words.strip():
        return "the message has no words of theirs; what did they say?"
    guess = "nothing we know" if reading.response is Response.OTHER else _word(reading.response)
    return f"it reads as {guess} ({reading.certainty:.0%}): {_quoted(reply, reading)}; is it so?"


def _quoted(reply: Reply, reading: Reading) -> str:
    quote = next((one.quote for one in reading.evidence), reply.words)
    return f"“{' '.join(quote.split())[:200]}”"


def _word(response: Response | None) -> str:
    return str(response).replace("_", " ")
