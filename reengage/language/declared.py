"""What a project declares for itself: fields of a contact and facts of a signal, each with a type."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood, advice
from reengage.model.facts import COMPUTED_KINDS, CONTACT_FIELDS, KINDS, PLACEHOLDERS, STOP_FIELDS, Fact, FactType

TYPES = {
    "text": FactType.TEXT,
    "number": FactType.NUMBER,
    "flag": FactType.FLAG,
    "date": FactType.DURATION,
}
"""How a declared value is compared; a rule asks how long ago a date was."""

FACT_TYPES = ("text", "number", "flag")
"""What a fact of a signal can be; that a signal has a date of its own is `occurred_at`."""

MOST_WORDS, MOST_NAMES = 200, 100
"""Words of one closed list; fields of a contact, kinds of signals and facts of each. Our choice."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How a field, a signal or a fact may be called."""

_WORD = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_SPOKEN = frozenset(
    {"any", "all", "apart", "within", "count", "after_quiet", "at_least", "at_most", "day", "until"}
    | {"promised_until", "new_account_status"}
)
"""Words of the language itself."""

_OF_CONTACTS = frozenset({*STOP_FIELDS, *PLACEHOLDERS["contact"], *_SPOKEN})


def field_name(text: str, taken: Collection[str]) -> str:
    """The name of a field of a contact; raises NotUnderstood where it is none or is taken."""
    return _free(text, {*_OF_CONTACTS, *KINDS, *taken}, "field")


def kind_name(text: str) -> str:
    """The name of a kind of signal; raises NotUnderstood where it is none or there is one."""
    return _free(text, {*KINDS, *CONTACT_FIELDS, *STOP_FIELDS, *_SPOKEN, *COMPUTED_KINDS}, "signal")


def fact_name(text: str) -> str:
    """The name of a fact of a signal; raises NotUnderstood."""
    return _free(text, _SPOKEN | {"due_in"}, "fact")


def _free(text: str, taken: Collection[str], what: str) -> str:
    if not NAME.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} cannot name a {what}", help="use small letters, digits and _")
    if text in taken:
        raise NotUnderstood(f"{quoted(text)} has a meaning already", help=f"give the {what} another name")
    return text


def fact_of(name: str, told: str | Sequence[str], types: Collection[str] = tuple(TYPES)) -> Fact:
    """A fact by the name of its type or by the words it may have; raises NotUnderstood."""
    if isinstance(told, str):
        if told not in types:
            help = f"{advice(told, types)}; or a list of the words it may have"
            raise NotUnderstood(f"{quoted(name)} has an unknown type {quoted(told)}", help=help)
        return Fact(name, TYPES[told])
    wrong = next((word for word in told if not _WORD.fullmatch(word)), None)
    if wrong is not None:
        raise NotUnderstood(f"{quoted(wrong)} cannot be a word of {quoted(name)}", help="small letters, digits and _")
    if not 0 < len(set(told)) == len(told) <= MOST_WORDS:
        help = f"one to {MOST_WORDS} words, each once"
        raise NotUnderstood(f"the words of {quoted(name)} are too many, repeated or none", help=help)
    return Fact(name, FactType.CHOICE, tuple(told))
