"""The closed vocabularies, each word spelled as a rule file spells it."""

from __future__ import annotations

from enum import StrEnum


class Response(StrEnum):
    """What the contact answered; `stop_*`, `hostile` and `unsubscribe` are opt-outs."""

    NOT_INTERESTED = "not_interested"
    ALREADY_WITH_VENDOR = "already_with_vendor"
    SEND_EMAIL = "send_email"
    NOT_NOW = "not_now"
    NO_BUDGET = "no_budget"
    WRONG_PERSON = "wrong_person"
    NOT_RELEVANT = "not_relevant"
    STOP_EMAILING = "stop_emailing"
    STOP_CALLING = "stop_calling"
    HOSTILE = "hostile"
    UNSUBSCRIBE = "unsubscribe"
    POSITIVE = "positive"
    HANG_UP = "hang_up"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"


STOPS = frozenset({Response.STOP_EMAILING, Response.STOP_CALLING, Response.HOSTILE, Response.UNSUBSCRIBE})
"""The responses that opt the person out."""


class Category(StrEnum):
    """Why a contact said no; a stop has no category."""

    TIMING = "timing"
    FIT = "fit"
    DELIVERY = "delivery"
    MOOD = "mood"


class Channel(StrEnum):
    """A way to reach someone."""

    EMAIL = "email"
    PHONE = "phone"
    LINKEDIN = "linkedin"
    SMS = "sms"
    POST = "post"


class HoldKind(StrEnum):
    """`snooze` waits for a date or a signal; `suppressed` waits for a reason to think again."""

    SNOOZE = "snooze"
    SUPPRESSED = "suppressed"


class AccountStatus(StrEnum):
    """How we stand with a company; `new` is not in the book, `unknown` is there with an empty status."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    PARTNER = "partner"
    COMPETITOR = "competitor"
    NEW = "new"
    UNKNOWN = "unknown"


class Seniority(StrEnum):
    """Rungs of the ladder, as `rules/titles.yaml` reads them from a title."""

    ENTRY = "entry"
    SENIOR = "senior"
    MANAGER = "manager"
    HEAD = "head"
    DIRECTOR = "director"
    VP = "vp"
    C_LEVEL = "c_level"
    OWNER = "owner"


class Certainty(StrEnum):
    """How sure we are that a signal is true of this person; only `confirmed` fires."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNCERTAIN = "uncertain"


class Priority(StrEnum):
    """How soon a rep should look at a task."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for what goes first."""
        return tuple(Priority).index(self)


class Outcome(StrEnum):
    """What became of one candidate in one run; exactly one of these."""

    TASK = "task"
    DEFERRED = "deferred"
    OPTED_OUT = "opted_out"
    EXCLUDED = "excluded"
    NO_MATCH = "no_match"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    ALREADY_TASKED = "already_tasked"
    COOLDOWN = "cooldown"
    CAPPED = "capped"
    EXPIRED = "expired"
    NEEDS_REVIEW = "needs_review"
    ERROR = "error"


class TaskState(StrEnum):
    """The life of a task; it lapses 30 days after its due date."""

    OPEN = "open"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    LAPSED = "lapsed"


class TaskOutcome(StrEnum):
    """What the rep reports of a task."""

    CONVERSATION = "conversation"
    MEETING = "meeting"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    STOP = "stop"
