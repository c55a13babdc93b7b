"""Pieces of JSON Schemas for editors; a `title` is what an editor calls a thing where another one stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

TEXT: Schema = {"title": "text", "type": ["string", "number", "boolean"]}
"""Whatever YAML makes of one value: 2026 and true are texts too where a text is read."""

NUMBER: Schema = {"title": "number", "type": ["number", "string"], "pattern": "^-?[0-9]+([.][0-9]+)?$"}
FLAG: Schema = {"title": "true or false", "type": ["boolean", "string"], "pattern": "^(true|false)$"}
DAY: Schema = {
    "title": "day",
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "patternErrorMessage": "write year-month-day, for example 2026-03-01",
}
ID: Schema = {
    **TEXT,
    "title": "id",
    "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$",
    "patternErrorMessage": "an id has small letters, digits and -",
}
SPAN: Schema = {
    "title": "duration",
    "type": "string",
    "pattern": "^[0-9]+ (day|week|month|year)s?$",
    "patternErrorMessage": "write days, weeks, months or years, for example 14 days",
    "examples": ["14 days", "3 months"],
}


def block(title: str, properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """Lines with these keys and no others."""
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def exactly(lines: int, block: Schema) -> Schema:
    """The block with so many of its lines; the limit stands apart, or the language server would offer none of them."""
    return {**block, "minProperties": lines, "allOf": [{"title": block["title"], "maxProperties": lines}]}


def some_of(block: Schema) -> Schema:
    """The block with at least one of its lines."""
    return {**block, "minProperties": 1}


def listed(title: str, items: Schema) -> Schema:
    """A list of any length; nothing at all is read as an empty one."""
    return {"title": title, "type": ["array", "null"], "items": items}


def filled(title: str, items: Schema) -> Schema:
    """A list of at least one."""
    return {"title": title, "type": "array", "items": items, "minItems": 1}


def some(item: Schema) -> Schema:
    """One value, or a list of at least one."""
    return {"anyOf": [item, filled(f"list of {item['title']}s", item)]}


def word(words: Iterable[str]) -> Schema:
    """One of these words; any, where YAML does not read all of them as words."""
    known = [str(word) for word in words]
    if not all(_is_plain(word) for word in known):
        return {**TEXT, "title": "word"}
    return {"title": "word", "type": "string", "enum": known}


def _is_plain(word: str) -> bool:
    return not word[:1].isdigit() and word not in ("true", "false", "null")


def told(properties: Mapping[str, Schema], meanings: Mapping[str, str], otherwise: str = "") -> dict[str, Schema]:
    """The same properties, each with the sentence that an editor shows beside it.

    A key without a meaning of its own gets the other sentence; raises KeyError where there is none.
    """
    found = {key: meanings.get(key) or otherwise or meanings[key] for key in properties}
    return {key: {**schema, "description": found[key].replace("`", "")} for key, schema in properties.items()}
