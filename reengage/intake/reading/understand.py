"""What a reply says: its answer with how sure that is, the words it rests on, and what it mentions besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from reengage.intake.reading.answer import Answer, also_said, answer_of, channels_of
from reengage.intake.reading.callback import When, dates_in
from reengage.intake.reading.clues import Catcher, clues_in
from reengage.intake.reading.findings import Finding, findings_of
from reengage.intake.reading.matching import Index, Match, Search
from reengage.intake.reading.tokens import Token, tokenize
from reengage.language.phrases import CHANNELS, LEFT_COMPANY, Phrases
from reengage.model.reading import Clues, Evidence, Reading
from reengage.model.text import clip
from reengage.model.words import STOPS, Channel, Response

__all__ = ["MOST_CHARACTERS", "MOST_FOR_STOPS", "When", "understand"]

MOST_CHARACTERS, MOST_FOR_STOPS, OVERLAP = 20_000, 200_000, 1_000
"""Characters of a text that are read for everything, and for stops, piece by piece with an overlap; our choice: nobody
answers with more, and it bounds the time. What was not read to its end is never sure, unless it is a stop."""

NOT_READ = 0.5
"""What is left of the certainty in a text that was not read to its end."""

LONGEST_QUOTE, MOST_EVIDENCE = 200, 6
"""Most characters of a quote, and most quotes in a reading."""

_ABOUT_OTHERS = frozenset({str(Response.WRONG_PERSON), LEFT_COMPANY})
_STOPS = frozenset((*map(str, STOPS), *CHANNELS))


@lru_cache(4)
def _index_of(phrases: Phrases) -> Index:
    return Index.of(phrases)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text with what was found in it."""

    text: str
    tokens: Sequence[Token]
    matches: Sequence[Match]
    findings: Sequence[Finding]
    catcher: Catcher

    @property
    def stops(self) -> int:
        """2 where there is a clear stop in it, 1 for doubt about one."""
        return max((1 + one.sure for one in self.findings if one.says in STOPS), default=0)


def understand(text: str, phrases: Phrases, when: When, *, channel: Channel | None = None) -> Reading:
    """Read a reply, without what it quotes and its signature; `channel` is the one it came by.

    Certainty comes about so: one clear phrase gives 0.92, a clear stop 0.96, phrases that only hint (also a misspelt
    one, and one that runs over the end of a sentence) 0.6. Beside another clear answer that goes with it ("not
    interested, we use X") 0.86 is left of it, beside one that contradicts it 0.69. A hint at a stop is 0.5 and a
    `doubtful_stop`, whatever else the text says; a clear stop stays clear beside anything. Nothing found is `other`
    with certainty 0. Callers act from 0.8 on.
    """
    piece = max(_pieces(text, phrases, when), key=lambda piece: piece.stops)
    answer = answer_of(piece.findings, channel, piece.matches)
    read_whole = len(text) <= MOST_CHARACTERS or answer.response in STOPS
    return Reading(
        response=answer.response,
        certainty=answer.certainty if read_whole else answer.certainty * NOT_READ,
        doubtful_stop=answer.doubtful_stop,
        left_company=any(one.says == LEFT_COMPANY for one in piece.findings),
        evidence=tuple(_evidence(answer, piece)),
        also=also_said(answer.response, piece.findings),
        clues=_clues(answer, piece),
        language=next((one.match.phrase.language for one in answer.findings), ""),
    )


def _pieces(text: str, phrases: Phrases, when: When) -> Iterator[Piece]:
    """The beginning of a text, and the rest until a clear stop is found."""
    head = _read(text[:MOST_CHARACTERS], phrases, when)
    yield head
    clear = head.stops > 1
    for start in range(MOST_CHARACTERS - OVERLAP, min(len(text), MOST_FOR_STOPS), MOST_CHARACTERS - OVERLAP):
        if clear or start + OVERLAP >= len(text):
            return
        piece = _read_for_stops(text[start : start + MOST_CHARACTERS], phrases)
        yield piece
        clear = piece.stops > 1


def _read(text: str, phrases: Phrases, when: When) -> Piece:
    tokens = tokenize(text)
    catcher = Catcher(text, tokens, phrases, dates_in(text, tokens, phrases, when))
    dates = [named.spot[0] for named in catcher.dates]
    matches = list(Search(_index_of(phrases), tokens, catcher.catches(), dates).matches())
    return Piece(text, tokens, matches, findings_of(matches, tokens, phrases), catcher)


def _read_for_stops(text: str, phrases: Phrases) -> Piece:
    tokens = tokenize(text)
    matches = list(Search(_index_of(phrases), tokens).matches(_STOPS))
    return Piece(text, tokens, matches, findings_of(matches, tokens, phrases), Catcher(text, tokens, phrases, ()))


def _evidence(answer: Answer, piece: Piece) -> Iterator[Evidence]:
    told = {one.says for one in answer.findings}
    others = (one for one in piece.findings if one.says not in told)
    for one in islice(chain(answer.findings, others), MOST_EVIDENCE):
        first, behind = one.match.spot
        quote = piece.text[piece.tokens[first].start : piece.tokens[behind - 1].end]
        phrase = one.match.phrase
        yield Evidence(quote=clip(quote, LONGEST_QUOTE), says=one.says, phrase=phrase.text, language=phrase.language)


def _clues(answer: Answer, piece: Piece) -> Clues:
    said = {one.says for one in piece.findings}
    away = Response.OUT_OF_OFFICE in said
    clues = clues_in(piece.catcher, piece.matches, back=away, elsewhere=away or bool(said & _ABOUT_OTHERS))
    if answer.response not in STOPS:
        return clues
    return clues.model_copy(update={"channels": channels_of(answer.findings, piece.matches)})
