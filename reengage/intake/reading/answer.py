"""Which of the things that a text says is its answer, and how certain that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reengage.intake.reading.findings import Finding
from reengage.intake.reading.matching import Match
from reengage.language.phrases import CHANNELS, LEFT_COMPANY
from reengage.model.words import STOPS, Channel, Response

SURE, STOP, HINT, DOUBT = 0.92, 0.96, 0.6, 0.5
"""How certain one clear phrase is, one clear stop, phrases that only hint, and a hint at a stop."""

WITH_OTHERS, AGAINST_OTHERS = 0.94, 0.75
"""What is left of it beside an answer that goes with it, and beside one that does not."""

_ORDER = (
    *(Response.HOSTILE, Response.UNSUBSCRIBE, Response.STOP_CALLING, Response.STOP_EMAILING),
    *(Response.OUT_OF_OFFICE, Response.AUTO_REPLY, LEFT_COMPANY, Response.WRONG_PERSON, Response.ALREADY_WITH_VENDOR),
    *(Response.NO_BUDGET, Response.NOT_RELEVANT, Response.NOT_NOW, Response.SEND_EMAIL, Response.NOT_INTERESTED),
    *(Response.HANG_UP, Response.POSITIVE, Response.OTHER),
)
"""Which of several answers is the answer: a stop first, then what no person wrote, then the better reason for a no."""

_MACHINES = frozenset({Response.AUTO_REPLY, Response.OUT_OF_OFFICE})
_SAID_BESIDE_A_NO = {Response.NOT_INTERESTED, Response.NOT_NOW, Response.SEND_EMAIL}
_GOES_WITH: Mapping[str, frozenset[Response]] = {
    Response.WRONG_PERSON: frozenset({*_SAID_BESIDE_A_NO, Response.NOT_RELEVANT}),
    Response.ALREADY_WITH_VENDOR: frozenset({*_SAID_BESIDE_A_NO, Response.NOT_RELEVANT, Response.NO_BUDGET}),
    Response.NO_BUDGET: frozenset({*_SAID_BESIDE_A_NO, Response.NOT_RELEVANT}),
    Response.NOT_RELEVANT: frozenset(_SAID_BESIDE_A_NO),
    Response.NOT_NOW: frozenset(_SAID_BESIDE_A_NO),
    Response.SEND_EMAIL: frozenset({Response.NOT_INTERESTED, Response.POSITIVE}),
    Response.HANG_UP: frozenset({*_SAID_BESIDE_A_NO, Response.NOT_RELEVANT}),
}
"""What may be said beside an answer without casting doubt on it."""


_EITHER = frozenset({Channel.EMAIL, Channel.PHONE})


@dataclass(frozen=True, slots=True)
class Answer:
    """The response, how certain it is, and what it rests on."""

    response: Response
    certainty: float
    findings: tuple[Finding, ...] = ()

    @property
    def doubtful_stop(self) -> bool:
        """Whether it may be a stop and is not clearly one."""
        return self.response in STOPS and self.certainty < STOP


def answer_of(findings: Sequence[Finding], channel: Channel | None, matches: Sequence[Match]) -> Answer:
    """The answer among some findings, best first; `channel` is the one by which the text came."""
    stops = tuple(one for one in findings if one.says in STOPS)
    if stops:
        return _stop(stops, channel, matches)
    if not findings:
        return Answer(Response.OTHER, 0.0)
    said = _said(findings)
    best = said[0]
    certainty = SURE if any(one.sure for one in findings if one.says == best) else HINT
    others = [other for other in said[1:] if _is_sure(other, findings)]
    if others:
        certainty *= WITH_OTHERS if all(_goes_with(best, other) for other in others) else AGAINST_OTHERS
    response = Response.OTHER if best == LEFT_COMPANY else Response(best)
    return Answer(response, round(certainty, 2), tuple(one for one in findings if one.says == best))


def _said(findings: Iterable[Finding]) -> list[str]:
    """What is said, clear before hinted at, then in the order of what counts more."""
    sure = {one.says: one.sure for one in reversed(list(findings))}
    return sorted(sure, key=lambda says: (not sure[says], _ORDER.index(says)))


def _is_sure(says: str, findings: Iterable[Finding]) -> bool:
    return any(one.sure for one in findings if one.says == says)


def _goes_with(best: str, other: str) -> bool:
    """Whether a second answer leaves the first as it is: reasons for a no do, a yes beside a no does not."""
    return best in _MACHINES or best == LEFT_COMPANY or other in _GOES_WITH.get(best, frozenset())


def _stop(stops: Sequence[Finding], channel: Channel | None, matches: Sequence[Match]) -> Answer:
    sure = [one for one in stops if one.sure]
    best = min(sure or stops, key=lambda one: (one.says != Response.HOSTILE, -len(one.match.path)))
    used = (best, *(one for one in stops if one is not best))
    response = _by_channel(Response(best.says), channels_of(used, matches), channel)
    return Answer(response, STOP if sure else DOUBT, used)


def _by_channel(stop: Response, named: Collection[Channel], channel: Channel | None) -> Response:
    """A stop of messages is one of calls where it names the phone and no mail, or came by phone and names nothing."""
    if stop is not Response.STOP_EMAILING:
        return stop
    by_phone = set(named) == {Channel.PHONE} if named else channel is Channel.PHONE
    return Response.STOP_CALLING if by_phone else stop


def channels_of(stops: Iterable[Finding], matches: Iterable[Match]) -> tuple[Channel, ...]:
    """The channels that the words of a stop name; in its gaps e-mail and phone may be what they would like instead."""
    stops = tuple(stops)
    needed = {place for one in stops for place in one.match.path}
    around = {place for one in stops for place in range(*one.match.spot)}
    named = {
        match.phrase.says
        for match in matches
        if match.phrase.says in CHANNELS
        if set(match.path) <= (needed if match.phrase.says in _EITHER else around)
    }
    return tuple(channel for channel in Channel if channel in named)


def also_said(response: Response, findings: Iterable[Finding]) -> tuple[Response, ...]:
    """What is said besides, what counts more first."""
    said = (Response(says) for says in _said(findings) if says != LEFT_COMPANY)
    return tuple(other for other in said if other is not response)
