"""What a reply says: its answer with how sure that is, the words it rests on, and what it mentions besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reengage.intake.callback import When, dates_in
from reengage.intake.clues import Catcher, clues_in
from reengage.intake.findings import Finding, findings_of
from reengage.intake.matching import Index, Match, Search
from reengage.intake.tokens import Token, tokenize
from reengage.language.phrases import CHANNELS, LEFT_COMPANY, Phrases
from reengage.model.reading import Clues, Evidence, Reading
from reengage.model.text import clip
from reengage.model.words import STOPS, Channel, Response

__all__ = ["MOST_CHARACTERS", "MOST_FOR_STOPS", "When", "understand"]

MOST_CHARACTERS, MOST_FOR_STOPS = 20_000, 200_000
"""Characters of a text that are read for everything, and for stops; our choice: nobody answers with more, and both
bound the time. What was not read to its end is never sure, unless it is a stop."""

LONGEST_QUOTE, MOST_EVIDENCE = 200, 6
"""Most characters of a quote, and most quotes in a reading."""

SURE, STOP, HINT, DOUBT = 0.92, 0.96, 0.6, 0.5
"""How certain one clear phrase is, one clear stop, phrases that only hint, and a hint at a stop."""

WITH_OTHERS, AGAINST_OTHERS, NOT_READ = 0.94, 0.75, 0.5
"""What is left of it beside an answer that goes with it, one that does not, and in a text not read to its end."""

_ORDER = (
    *(Response.HOSTILE, Response.UNSUBSCRIBE, Response.STOP_CALLING, Response.STOP_EMAILING),
    *(Response.AUTO_REPLY, Response.OUT_OF_OFFICE, LEFT_COMPANY, Response.WRONG_PERSON, Response.ALREADY_WITH_VENDOR),
    *(Response.NO_BUDGET, Response.NOT_RELEVANT, Response.NOT_NOW, Response.SEND_EMAIL, Response.NOT_INTERESTED),
    *(Response.HANG_UP, Response.POSITIVE, Response.OTHER),
)
"""Which of several answers is the answer: a stop first, then what no person wrote, then the better reason for a no."""

_MACHINES = frozenset({Response.AUTO_REPLY, Response.OUT_OF_OFFICE})
_STOPS = frozenset((*map(str, STOPS), *CHANNELS))
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


@lru_cache(4)
def _index_of(phrases: Phrases) -> Index:
    return Index.of(phrases)


def understand(text: str, phrases: Phrases, when: When, *, channel: Channel | None = None) -> Reading:
    """Read a reply, without what it quotes and its signature; `channel` is the one it came by.

    Certainty comes about so: one clear phrase gives 0.92, a clear stop 0.96, phrases that only hint (also a misspelt
    one, and one that runs over the end of a sentence) 0.6. Beside another clear answer that goes with it ("not
    interested, we use X") 0.86 is left of it, beside one that contradicts it 0.69. A hint at a stop is 0.5 and a
    `doubtful_stop`, whatever else the text says; a clear stop stays clear beside anything. Nothing found is `other`
    with certainty 0. Callers act from 0.8 on.
    """
    index, tokens = _index_of(phrases), tokenize(text[:MOST_FOR_STOPS])
    head = [token for token in tokens if token.end <= MOST_CHARACTERS]
    catcher = Catcher(text, head, phrases, dates_in(text, head, phrases, when))
    matches = list(Search(index, head, catcher.catches()).matches())
    findings = findings_of(matches, head, phrases)
    if len(tokens) > len(head):
        more = list(Search(index, tokens).matches(_STOPS))
        findings, matches = findings + findings_of(more, tokens, phrases), matches + more
    answer = _answer(findings, channel, matches)
    read_whole = len(tokens) == len(head) and len(text) <= MOST_FOR_STOPS
    return Reading(
        response=answer.response,
        certainty=answer.certainty if read_whole or answer.response in STOPS else answer.certainty * NOT_READ,
        doubtful_stop=answer.response in STOPS and answer.certainty < STOP,
        left_company=any(one.says == LEFT_COMPANY for one in findings),
        evidence=tuple(_evidence(answer, findings, text, tokens)),
        also=_also(answer.response, findings),
        clues=_clues(answer, findings, matches, catcher),
        language=next((one.match.phrase.language for one in answer.findings), ""),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """The response, how certain it is, and what it rests on."""

    response: Response
    certainty: float
    findings: tuple[Finding, ...] = ()


def _answer(findings: Sequence[Finding], channel: Channel | None, matches: Sequence[Match]) -> Answer:
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
    response = _by_channel(Response(best.says), _channels(used, matches), channel)
    return Answer(response, STOP if sure else DOUBT, used)


def _by_channel(stop: Response, named: Collection[Channel], channel: Channel | None) -> Response:
    """A stop of messages is one of calls where it names the phone and no mail, or came by phone and names nothing."""
    if stop is not Response.STOP_EMAILING:
        return stop
    by_phone = set(named) == {Channel.PHONE} if named else channel is Channel.PHONE
    return Response.STOP_CALLING if by_phone else stop


def _channels(stops: Iterable[Finding], matches: Iterable[Match]) -> tuple[Channel, ...]:
    """The channels that the words of a stop name."""
    words = {place for one in stops for place in one.match.path}
    named = {match.phrase.says for match in matches if match.phrase.says in CHANNELS and words >= set(match.path)}
    return tuple(channel for channel in Channel if channel in named)


def _evidence(answer: Answer, findings: Sequence[Finding], text: str, tokens: Sequence[Token]) -> Iterator[Evidence]:
    others = [one for one in findings if one not in answer.findings]
    for one in (*answer.findings, *others)[:MOST_EVIDENCE]:
        first, behind = one.match.spot
        quote = text[tokens[first].start : tokens[behind - 1].end]
        yield Evidence(
            quote=clip(quote, LONGEST_QUOTE),
            says=one.says,
            phrase=one.match.phrase.text,
            language=one.match.phrase.language,
        )


def _also(response: Response, findings: Iterable[Finding]) -> tuple[Response, ...]:
    said = (Response(says) for says in _said(findings) if says != LEFT_COMPANY)
    return tuple(other for other in said if other is not response)


def _clues(answer: Answer, findings: Iterable[Finding], matches: Sequence[Match], catcher: Catcher) -> Clues:
    said = {one.says for one in findings}
    clues = clues_in(
        catcher,
        matches,
        back=Response.OUT_OF_OFFICE in said,
        elsewhere=bool(said & {Response.OUT_OF_OFFICE, Response.WRONG_PERSON, LEFT_COMPANY}),
    )
    if answer.response not in STOPS:
        return clues
    return clues.model_copy(update={"channels": _channels(answer.findings, matches)})
