"""The rule that comes closest to firing, what would have to change for it, and when time alone would do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reengage.engine.condition import end_of
from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.occasion import A_SIGNAL
from reengage.model.candidate import Candidate


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that does not fire, and the day on which it does if nothing else happens, if it does."""

    story: RuleStory
    fires_on: date | None


def nearest_miss(stories: Iterable[RuleStory]) -> RuleStory | None:
    """Of the rules that do not fire the one that lacks least.

    Where several do: one that heard something, then the more urgent, then the first in the files.
    """
    return min((story for story in stories if story.failing), key=_distance, default=None)


def _distance(story: RuleStory) -> tuple[int, bool, int, int]:
    silent = any(one.wants == A_SIGNAL and one.on is None for one in story.failing)
    return len(story.failing), silent, story.rule.then.priority.rank, story.rule.order


def look_ahead(candidate: Candidate, active: ActiveRule, now: Now) -> NearMiss:
    """What a rule lacks, each with the day on which time brings it about, and the day on which time brings it all."""
    story = explain_rule(candidate, active, now, ahead=True)
    days = [condition.on for condition in story.failing if condition.on is not None]
    if len(days) < len(story.failing):
        return NearMiss(story, None)
    last = max(days, default=now.today)
    fires = explain_rule(candidate, active, end_of(last, now)).fires
    return NearMiss(story, last if fires else None)
