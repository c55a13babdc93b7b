"""What a task says: why now, what was said, what to do and what not, in a form a rep reads in ten seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reengage.engine.calendar import Due
from reengage.engine.channel import Choice
from reengage.engine.now import Now
from reengage.language.assets import Asset
from reengage.language.placeholders import fill, names
from reengage.language.responses import Policy
from reengage.language.tree import Rule
from reengage.model.candidate import Candidate
from reengage.model.conversation import Conversation
from reengage.model.signal import Heard
from reengage.model.text import clean, clean_lines, clip
from reengage.model.words import Channel

LONGEST_QUOTE = 500
"""Characters of the contact's own words that a task quotes."""

MOST_NAMED = 3
"""Further signals that a note names one by one."""

_SPOKE = {Channel.PHONE: "we spoke", Channel.EMAIL: "you wrote", Channel.LINKEDIN: "you answered on LinkedIn"}

_FALLBACKS = {
    "contact.first_name": "This contact",
    "account.name": "their company",
    "conversation.vendor": "their vendor",
    "conversation.their_words": "(their words were not noted)",
    "signal.new_company": "a new company",
    "signal.new_title": "in a new role",
}


@dataclass(frozen=True, slots=True)
class Story:
    """All that a text may draw on: the contact, the signals used (the trigger first), and the moment."""

    candidate: Candidate
    rule: Rule
    used: tuple[Heard, ...]
    policy: Policy
    now: Now

    @property
    def trigger(self) -> Heard:
        """The newest signal used."""
        return self.used[0]

    def day(self, moment: datetime) -> str:
        """The day of a moment in the project's time zone, in words."""
        return _day(self.now.day_of(moment))


def write_subject(story: Story) -> str:
    """The rule's subject with its placeholders filled; it never begins like a formula."""
    return clean(_fill(story.rule.then.subject, story))


def write_because(story: Story) -> str:
    """Why now, in one sentence."""
    heard = story.trigger
    return clean(f"{tell(heard, story.candidate)} ({story.day(heard.occurred_at)}, source {heard.source})")


def write_note(
    story: Story, because: str, choice: Choice, due: Due, owner_why: str, asset: Asset | None, closed: str
) -> str:
    """The whole note: why now, last time, how to open, what to do, what not to do, and how the due date came about."""
    also = [f"Also heard: {tell(one, story.candidate)} ({story.day(one.occurred_at)})" for one in _others(story)]
    more = len(story.used) - 1 - len(also)
    bring = f" Bring something new: {asset.title} ({asset.url})." if asset else " Bring something new of value."
    parts = [
        f"Why now: {because}.",
        *(f"{line}." for line in also),
        f"And {more} more of the kind." if more else "",
        _fill(story.rule.then.note, story),
        f"Open with: “{opening(story)}”",
        f"Do: reach out by {choice.channel} ({choice.why}).{bring}",
        f"Do not: repeat the old pitch or write only to check in.{closed}",
        f"Due: {due.arithmetic}.",
        f"Yours because {owner_why}.",
    ]
    return clean_lines("\n".join(part for part in parts if part))


def _others(story: Story) -> tuple[Heard, ...]:
    """The further signals that a note names, the newest first."""
    return story.used[1 : 1 + MOST_NAMED]


def recap(story: Story) -> str:
    """The earlier conversation: when, by what channel, with whom, their words, what they objected and promised."""
    talk = story.candidate.conversation
    if talk is None:
        return f"Last time: on hold since {story.day(story.candidate.hold.since)}; no conversation is on file."
    how = f" by {talk.channel}" if talk.channel else ""
    whom = f" with {clean(talk.rep_email)}" if talk.rep_email else ""
    words = f" Their words: “{_quote(talk)}”" if talk.their_words else " Their words were not noted."
    facts = "; ".join(_known(talk, story))
    return f"Last time: {story.day(talk.at)}{how}{whom}.{words}" + (f"\nOn file: {facts}." if facts else "")


def opening(story: Story) -> str:
    """A first sentence that refers to the earlier conversation by its month and reason."""
    talk = story.candidate.conversation
    since = talk.at if talk else story.candidate.hold.since
    spoke = _SPOKE.get(talk.channel, "we were in touch") if talk and talk.channel else "we were in touch"
    reason = story.policy.reason
    when = f", when {reason}" if reason else ""
    return f"{spoke[0].upper()}{spoke[1:]} in {_month(since, story.now)}{when}."


def last_words(candidate: Candidate) -> str:
    """What the contact said, quoted, or the name of the response where no words were noted."""
    talk = candidate.conversation
    return f"“{_quote(talk)}”" if talk and talk.their_words else str(candidate.hold.response).replace("_", " ")


def tell(heard: Heard, candidate: Candidate) -> str:
    """One signal in words."""
    facts = {name: clean(str(value)) for name, value in heard.facts.items()}
    return _TELL.get(heard.kind, _tell_anything)(facts, heard, candidate)


def _quote(talk: Conversation) -> str:
    return clip(clean(talk.their_words or ""), LONGEST_QUOTE).replace("“", "‘").replace("”", "’")


def _known(talk: Conversation, story: Story) -> list[str]:
    hold = story.candidate.hold
    promised = f"asked to be left until {_day(hold.until)}" if hold.promised and hold.until else ""
    return [
        line
        for line in (
            f"objection: {story.policy.objection}" if story.policy.objection else "",
            f"topic: {clean(talk.topic)}" if talk.topic else "",
            f"vendor: {clean(talk.vendor)}" if talk.vendor else "",
            f"contract ends {_day(talk.contract_ends)}" if talk.contract_ends else "",
            promised,
            f"referred us to {clean(talk.referred_to)}" if talk.referred_to else "",
            f"recording: {clean(talk.recording_url)}" if talk.recording_url else "",
            f"note: {clip(clean(talk.notes), LONGEST_QUOTE)}" if talk.notes else "",
        )
        if line
    ]


def _fill(template: str, story: Story) -> str:
    """The template with every placeholder replaced; a value we do not have becomes words that say so."""
    return fill(template, {name: _filled(name, story) for name in names(template)})


def _filled(name: str, story: Story) -> str:
    value = recap(story) if name == "conversation.recap" else clean(_value(name, story))
    return value or _FALLBACKS.get(name, "(not known)")


def _value(name: str, story: Story) -> str:
    group, _, field = name.partition(".")
    candidate, talk = story.candidate, story.candidate.conversation
    if group == "signal":
        return _shown(story.trigger.facts.get(field))
    if group == "contact":
        if field in candidate.contact.own_fields:
            return _shown(candidate.contact.own_fields[field])
        source: object = candidate.contact if field in ("first_name", "last_name") else candidate.employment
        return _shown(getattr(source, field, None))
    if group == "account":
        account = story.trigger.account or candidate.account
        return account.name or account.domain or "" if account else ""
    if group == "hold":
        return story.day(candidate.hold.since) if field == "since" else _shown(candidate.hold.until)
    special = {
        "month": _month(talk.at if talk else candidate.hold.since, story.now),
        "reason": story.policy.reason,
        "rep": talk.rep_email if talk else "",
        "their_words": _quote(talk) if talk else "",
    }
    return _shown(special[field] if field in special else getattr(talk, field, None))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _month(moment: datetime, now: Now) -> str:
    """The month by name, with its year where that is not clear."""
    day = now.day_of(moment)
    return f"{day:%B}" if (now.at - moment).days < 330 else f"{day:%B %Y}"


def _tell_anything(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    return f"{heard.kind.replace('_', ' ')}{': ' if told else ''}{told}"


def _tell_move(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    role = f" as {facts['new_title']}" if "new_title" in facts else ""
    before = facts.get("previous_company") or facts.get("previous_domain")
    place = facts.get("new_company") or facts.get("new_domain") or "another company"
    return f"moved to {place}{role}" + (f", before at {before}" if before else "")


def _tell_promotion(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    before = f", before {facts['previous_title']}" if "previous_title" in facts else ""
    return f"promoted to {facts.get('new_title', 'a new role')}{before}"


def _tell_intent(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    score = f", score {facts['score']}" if "score" in facts else ""
    return f"their company researches “{facts.get('topic', 'our field')}”{score}"


def _tell_hiring(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    roles = f", {facts['open_roles']} open roles" if "open_roles" in facts else ""
    growth = f", headcount up {facts['headcount_growth']} %" if "headcount_growth" in facts else ""
    return f"their company is building up {facts.get('department', 'its team')}{roles}{growth}"


def _tell_funding(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    amount = heard.facts.get("amount")
    raised = f"{amount:,} raised" if isinstance(amount, int | float) else "money raised"
    return raised + (f", {facts['stage']}" if "stage" in facts else "")


def _tell_snooze(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    return f"the day {'they named' if candidate.hold.promised else 'set for a review'} has come"


def _tell_contract(facts: Mapping[str, str], heard: Heard, candidate: Candidate) -> str:
    talk = candidate.conversation
    vendor = f" with {clean(talk.vendor)}" if talk and talk.vendor else ""
    ends = heard.facts.get("date")
    return f"their contract{vendor} ends on {_day(ends)}" if isinstance(ends, date) else f"their contract{vendor} ends"


_TELL = {
    "job_change": _tell_move,
    "promotion": _tell_promotion,
    "left_company": lambda facts, heard, candidate: (
        f"left {facts.get('previous_company') or facts.get('previous_domain') or 'their company'}"
    ),
    "team_expansion": _tell_hiring,
    "intent": _tell_intent,
    "visit": lambda facts, heard, candidate: f"visited {facts.get('page', 'our site')}",
    "funding": _tell_funding,
    "timer": lambda facts, heard, candidate: f"reminder: {facts.get('name', heard.source)}",
    "snooze_ended": _tell_snooze,
    "contract_renewal": _tell_contract,
}
