"""`rules/replies.yaml`: what we answer, in every language we write in, with a lint on what a removal may say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node, Pair
from reengage.language.placeholders import faults, fill, names
from reengage.language.reader import Found, Read, attempt, fields_of, filled, mapping_of, one
from reengage.language.tree import Position
from reengage.language.values import NotUnderstood, any_text, fold_text, line_of_text, slug

T = TypeVar("T")
REPLY_KEYS = ("templates", "fallbacks", "pitch_words")

PLACEHOLDERS = frozenset(
    {
        *("contact.first_name", "contact.last_name", "account.name", "owner.name"),
        *("conversation.topic", "conversation.vendor", "conversation.referred_to", "conversation.call_back_on"),
        "preference_centre.link",
    }
)
"""What a template may ask for; each needs a word for where it is not known."""

PREFERENCE_CENTRE = "preference_centre"
"""The template that is added where the contact may choose what to hear about."""

_LANGUAGE = re.compile("[a-z]{2}")
_QUESTION = re.compile(r"[?？؟]")


@dataclass(frozen=True, slots=True)
class Template:
    """What we say, by language, and where each text stands in its file."""

    name: str
    texts: Mapping[str, str]
    places: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class Replies:
    """All templates by name; `fallbacks` stand for what is not known, `pitch_words` may stand in no removal."""

    templates: Mapping[str, Template] = field(default_factory=lambda: MappingProxyType({}))
    fallbacks: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    pitch_words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def language_of(self, name: str, language: str) -> str:
        """In which language a template says it: the one asked for, else the first that there is."""
        texts = self.templates[name].texts
        return language if language in texts else next(iter(texts))

    def write(self, name: str, language: str, values: Mapping[str, str]) -> str:
        """The text of a template; what is not known stands in it as its fallback."""
        chosen = self.language_of(name, language)
        known = {**self.fallbacks.get(chosen, {}), **{key: value for key, value in values.items() if value}}
        return fill(self.templates[name].texts[chosen], known)

    def pushes(self, template: Template) -> Iterator[tuple[Position, str, str]]:
        """What in a template asks or sells, which no confirmation of a stop may do: where, what, and advice."""
        advice = "a removal is confirmed, and that is all"
        for language, text in template.texts.items():
            at = template.places[language]
            if _QUESTION.search(text):
                yield at, f"the removal {quoted(template.name)} asks a question", advice
            for word in self.pitch_words.get(language, ()):
                if re.search(rf"(?<!\w){re.escape(fold_text(word))}(?!\w)", fold_text(text)):
                    yield at, f"the removal {quoted(template.name)} sells: {quoted(word)} is a pitch word", advice


def read_replies(node: Node, found: Found) -> Replies:
    """Reads templates, fallbacks and pitch words; notes placeholders that do not exist or have no fallback."""
    fields = fields_of(node, REPLY_KEYS, "replies", found, REPLY_KEYS)
    replies = Replies(
        fields.read("templates", _block("templates", slug, _template), {}),
        fields.read("fallbacks", _block("fallbacks", _language, _fallbacks), {}),
        fields.read("pitch_words", _block("pitch_words", _language, _words), {}),
    )
    for template in replies.templates.values():
        _note_placeholders(template, replies, found)
    return replies


def _block(what: str, key: Callable[[str], str], read: Callable[[Pair, Node, Found], T]) -> Read[dict[str, T]]:
    """Reads a block whose keys are of one kind."""

    def read_all(node: Node, found: Found) -> dict[str, T]:
        values: dict[str, T] = {}
        for pair in mapping_of(node, what).pairs:
            try:
                key(pair.key)
            except NotUnderstood as problem:
                found.append(Diagnostic(pair.at, problem.message, "wrong-value", problem.help))
                continue
            for value in attempt(partial(read, pair), pair.value, found):
                values[pair.key] = value
        return values

    return read_all


def _template(pair: Pair, node: Node, found: Found) -> Template:
    block = mapping_of(node, f"the template {quoted(pair.key)}")
    texts = _block(f"the template {quoted(pair.key)}", _language, lambda _, text, found: one(any_text)(text, found))
    if not block.pairs:
        message = f"the template {quoted(pair.key)} has no text"
        found.append(Diagnostic(pair.at, message, "wrong-shape", 'write one under it, beginning with "en: "'))
    return Template(pair.key, texts(node, found), {one.key: one.value.at for one in block.pairs})


def _fallbacks(pair: Pair, node: Node, found: Found) -> dict[str, str]:
    fields = fields_of(node, PLACEHOLDERS, f"the fallbacks of {quoted(pair.key)}", found)
    told = {name: fields.read(name, one(line_of_text), "") for name in sorted(PLACEHOLDERS)}
    return {name: text for name, text in told.items() if text}


def _words(_: Pair, node: Node, found: Found) -> tuple[str, ...]:
    return filled(one(line_of_text))(node, found)


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} is no language", help="write its two letters, for example en or de")
    return text


def _note_placeholders(template: Template, replies: Replies, found: Found) -> None:
    for language, text in template.texts.items():
        at = template.places[language]
        for _, message, help in faults(text, PLACEHOLDERS):
            found.append(Diagnostic(at, message, "unknown-placeholder", help))
        for name in sorted({*names(text)} & PLACEHOLDERS - replies.fallbacks.get(language, {}).keys()):
            message = f"nothing says what stands for {{{name}}} in {quoted(language)} where it is not known"
            help = f"write under fallbacks, {language}: {name}: …"
            found.append(Diagnostic(at, message, "missing-key", help))
