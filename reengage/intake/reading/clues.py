"""What a text mentions beside its answer: a date, a vendor, the end of a contract, a colleague, a condition."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reengage.intake.reading.callback import Named, Relation
from reengage.intake.reading.matching import Catch, Match, Spot
from reengage.intake.reading.tokens import ADDRESS, LINK, Gap, Token
from reengage.language.phrases import Phrases
from reengage.language.phrasing import Capture, Words
from reengage.model.reading import Clues
from reengage.model.text import clean, clip

NAME_WORDS, PERSON_WORDS, THING_WORDS = 3, 6, 5
"""Most words of a vendor's name, of someone to talk to, and of what they wait for; our choice."""

LONGEST_CLUE = 80
"""Most characters of what is quoted as a clue."""


@lru_cache(32)
def _set_of(phrases: Phrases, name: str) -> frozenset[Words]:
    return frozenset(phrases.set_of(name))


@dataclass(frozen=True, slots=True)
class Catcher:
    """Catches names, persons, things and dates in one text."""

    text: str
    tokens: Sequence[Token]
    phrases: Phrases
    dates: Sequence[Named]

    def catches(self) -> Mapping[Capture, Catch]:
        """What catches each kind."""
        ends = {named.spot[0]: named.spot[1] for named in self.dates}
        dates: Catch = lambda place: (ends[place],) if place in ends else ()  # noqa: E731
        return {"date": dates, "name": self._names, "person": self._persons, "thing": self._things}

    def said(self, spot: Spot) -> str:
        """What stands at a spot, on one line and clipped."""
        return clip(clean(self.text[self.tokens[spot[0]].start : self.tokens[spot[1] - 1].end]), LONGEST_CLUE)

    def named_at(self, spot: Spot | None) -> Named | None:
        """The date that was caught at a spot."""
        near = bisect_left(self.dates, spot or (-1, -1), key=lambda named: named.spot)
        return next((named for named in self.dates[near : near + 1] if named.spot == spot), None)

    def address(self) -> str | None:
        """The first e-mail address in the text."""
        return next(
            (self.said((place, place + 1)) for place, token in enumerate(self.tokens) if token.word == ADDRESS), None
        )

    def _is_in(self, name: str, place: int, length: int = 1) -> bool:
        words = tuple(token.word for token in self.tokens[place : place + length])
        return len(words) == length and words in _set_of(self.phrases, name)

    def _is_cut(self, place: int) -> bool:
        """Whether what is caught ends before a word; "IT" in capitals is a department."""
        token = self.tokens[place]
        return self._is_in("cut", place) and not (token.end - token.start > 1 and self._written(token).isupper())

    def _written(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def _is_capital(self, place: int) -> bool:
        """Whether a word begins with a capital and could be a name."""
        token = self.tokens[place]
        written = self._written(token)
        shouted = written.isupper() and len(written) > 1 and self.text.isupper()
        return written[:1].isupper() and not shouted and token.word not in (ADDRESS, LINK)

    def _run(self, place: int, most: int, fits: Callable[[int], bool]) -> int:
        """The word behind as many as fit, none of them after a pause."""
        end = place
        while end < min(place + most, len(self.tokens)) and fits(end):
            if end > place and self.tokens[end].gap is not Gap.NONE:
                break
            end += 1
        return end

    def _names(self, place: int) -> Iterable[int]:
        known = [place + length for length in range(NAME_WORDS, 0, -1) if self._is_in("vendors", place, length)]
        end = self._run(place, NAME_WORDS, lambda at: self._is_capital(at) and not self._is_in("no_names", at))
        return known or ((end,) if end > place else ())

    def _persons(self, place: int) -> Iterator[int]:
        if self.tokens[place].word == ADDRESS:
            yield place + 1
            return
        end = self._run(place, PERSON_WORDS, lambda at: not self._is_cut(at) and self.tokens[at].word != ADDRESS)
        named = any(self._is_capital(at) and not self._is_in("no_persons", at) for at in range(place, end))
        if end > place and (named or self._is_in("whose", place) or self._is_in("roles", end - 1)):
            yield end if not self._is_in("whose", end) or not self._has_role(end) else self._role_end(end)

    def _has_role(self, place: int) -> bool:
        return place < len(self.tokens) and self.tokens[place].gap is Gap.PAUSE

    def _role_end(self, place: int) -> int:
        """The word behind a role in apposition: "Jane Doe, our COO"."""
        return self._run(place, PERSON_WORDS, lambda at: not self._is_cut(at) and self.tokens[at].word != ADDRESS)

    def _things(self, place: int) -> Iterable[int]:
        end = self._run(place, THING_WORDS, lambda at: not self._is_cut(at))
        return (end,) if end > place else ()


def clues_in(catcher: Catcher, matches: Iterable[Match], *, back: bool, elsewhere: bool) -> Clues:
    """The clues of a text: `back` where it says when somebody is back, `elsewhere` where any address is another's."""
    found: dict[str, list[Match]] = {}
    for match in sorted(matches, key=lambda match: match.path):
        if match.caught:
            found.setdefault(match.phrase.says, []).append(match)
    ends = next(_dates(catcher, found.get("contract_ends", ())), None)
    vendor, person = _first(catcher, found.get("vendor", ())), _first(catcher, found.get("referred_to", ()))
    return Clues(
        call_back_on=_call_back(catcher, found, back),
        vendor=vendor,
        contract_ends=ends.ends if ends else None,
        referred_to=person or (catcher.address() if elsewhere else None),
        wake_on=tuple(
            dict.fromkeys(catcher.said(match.caught).casefold() for match in found.get("wake_on", ()) if match.caught)
        ),
    )


def _first(catcher: Catcher, matches: Sequence[Match]) -> str | None:
    return next((catcher.said(match.caught) for match in matches if match.caught), None)


def _dates(catcher: Catcher, matches: Iterable[Match]) -> Iterator[Named]:
    return (named for match in matches if (named := catcher.named_at(match.caught)) and named.starts)


def _call_back(catcher: Catcher, found: Mapping[str, Sequence[Match]], back: bool) -> date | None:
    """The date a phrase asks for, else the first that is named and belongs to nothing else."""
    taken = {match.caught for match in found.get("contract_ends", ())}
    asked = [named for named in _dates(catcher, found.get("call_back_on", ())) if named.spot not in taken]
    free = [named for named in catcher.dates if named.starts and not named.bare and named.spot not in taken]
    if back:
        free.sort(key=lambda named: not named.ranged)
    strong = [named for named in free if named.relation in (Relation.AFTER, Relation.UNTIL)]
    chosen = next(iter((*asked, *strong, *free)), None)
    if chosen and back and chosen.ranged and not asked and chosen.ends:
        return date.fromordinal(chosen.ends.toordinal() + 1)
    return chosen.starts if chosen else None
