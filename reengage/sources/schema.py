"""A JSON Schema of connector files for editors: what `reengage check` accepts, an editor does not underline."""

from __future__ import annotations

from collections.abc import Mapping

from reengage.language.declared import FACT_TYPES, MOST_WORDS, NAME
from reengage.language.meanings import OF_FACTS, OWN_SIGNAL
from reengage.language.shapes import DAY, DRAFT, FLAG, ID, TEXT, Schema, block, filled, some, told, word
from reengage.model.facts import STANDARD, Vocabulary
from reengage.sources import asking
from reengage.sources.connector import KEY_TARGETS, MAX_BAD_RATIO, Kind
from reengage.sources.connectorfile import (
    CSV_KEYS,
    DELIMITERS,
    ENCODINGS,
    KEYS,
    MAPPED,
    NEEDED,
    NEEDED_WITH_A_MAP,
    SYSTEM,
)

OF_CONNECTORS: Mapping[str, str] = {
    "name": "the source of its signals, for ever; needed",
    "kind": "csv or jsonl for files, rest for an API, python for a class, webhook for who writes to us, timer; needed",
    "path": "where its files lie in the project, for example signals/visits/*.csv; needed",
    "settle": "how long a file is left alone after it was written, for example 30 seconds",
    "archive": "whether a file moves to archive/ beside it when it was taken in",
    "rest": "how an API is asked; needed",
    "class": "a class, for example crm.py:Crm in connectors/, or the name by which a package brings it; needed",
    "options": "what the class is told, by name; secrets as ${env:NAME}",
    "cursor": "an expression for the moment in a record from which the next poll goes on; when it was asked without it",
    "overlap": "how much before that moment is asked for again, for example 7 days",
    "start": "the day from which the first poll asks",
    "every": "how long after a poll there is none, for example 6 hours",
    "max_calls": "how many requests one poll may make",
    "path_token": "the part of the webhook's address that nobody can guess, as ${env:NAME}; needed without of",
    "verify": "how we know who sent it; needed without of",
    "answer": "what the sender is answered",
    "of": "another webhook: what comes there is read by this connector too",
    "records": "an expression for the records in an answer; all of it where it is missing",
    "max_bad_ratio": "from this share of bad rows on, a file has changed its shape and is not taken in",
    "declares": "signals of a kind of its own, each with its typed facts",
    "csv": "how the files are written, where that cannot be found out",
    "signal": "what each row tells",
    "map": "whom a signal concerns, and its facts, each from an expression (JMESPath) over the row",
    "occurred_at": "an expression for the moment at which it happened",
    "id": "an expression for what tells one signal from every other; made of what was mapped where it is missing",
    "date_formats": "how dates are written, for example %d.%m.%Y; ISO 8601 where it is missing",
    "timezone": "the zone of moments that name none, for example Europe/London",
    "require": "targets of the map without which a row is bad",
    "require_any": "targets of the map of which a row needs one",
    "when": "an expression over the record as it came; one for which it is not true is left out",
    "keep_if": "an expression over what was mapped; a row for which it is not true is left out",
    "file_facts": "a regular expression over the name of the file; its named parts are _file.NAME in expressions",
    "cron": "when, in five fields, for example 0 7 * * 1; needed",
    "facts": "the name by which rules ask for this timer; that of the connector where it is missing",
}
"""What each key of a connector is for."""

OF_CSV: Mapping[str, str] = {
    "encoding": "how letters are written",
    "delimiter": "what stands between two cells",
    "header": "whether the first row has the names of the columns",
    "columns": "their names, where no row has them",
}
"""What each key of `csv` is for."""

OF_TARGETS: Mapping[str, str] = {
    "email": "the person's e-mail address",
    "emails": "the person's e-mail addresses",
    "linkedin": "the person's profile on LinkedIn",
    "phone": "the person's phone number",
    "phones": "the person's phone numbers",
    "domain": "the domain of the company",
    "previous_domain": "the domain of the company that the person left",
    "certainty": "how sure the source is: confirmed, likely or uncertain",
}
"""What each target of a map is, beside the facts and ids of others."""

_ELAPSED: Schema = {"title": "time", "type": "string", "pattern": "^[0-9]{1,6} (second|minute|hour|day)s?$"}
_EXPRESSION: Schema = {**TEXT, "title": "expression"}
_SHARE: Schema = {"title": "share", "type": ["number", "string"], "minimum": 0, "maximum": 1, "default": MAX_BAD_RATIO}
_WRITTEN: dict[str, Schema] = {
    "encoding": word(ENCODINGS),
    "delimiter": word(DELIMITERS),
    "header": FLAG,
    "columns": some(TEXT),
}
_OF_SOMEBODY_ELSE: Schema = {**_EXPRESSION, "description": "the id that somebody else has for the person"}


def connector_schema(vocabulary: Vocabulary = STANDARD) -> Schema:
    """The schema of a file in `connectors/`, made from the same tables that the reader uses."""
    kinds = {kind: _timer() if kind == "timer" else _bringing(kind, vocabulary) for kind in KEYS}
    common = told({"name": ID, "kind": word(KEYS)}, OF_CONNECTORS)
    return {
        "$schema": DRAFT,
        "title": "connector",
        "type": "object",
        "properties": common,
        "required": [*common],
        "allOf": [{"title": "connector", "if": _is(kind), "then": schema} for kind, schema in kinds.items()],
    }


def _is(kind: str) -> Schema:
    """Chosen by its kind first, as the reader does, or an editor would speak of the kind that a file resembles."""
    return {"title": "connector", "properties": {"kind": {"const": kind}}, "required": ["kind"]}


def _bringing(kind: Kind, vocabulary: Vocabulary) -> Schema:
    """A connector of records; what it declares itself, its signal and map may name."""
    texts = ("path", "file_facts", "timezone", "path_token", "max_calls", "class", "of")
    expressions = ("occurred_at", "id", "when", "keep_if", "cursor", "records")
    properties: dict[str, Schema] = {
        **dict.fromkeys(texts, TEXT),
        **dict.fromkeys(expressions, _EXPRESSION),
        **dict.fromkeys(("settle", "every", "overlap"), _ELAPSED),
        **dict.fromkeys(("date_formats", "require", "require_any"), some(TEXT)),
        "max_bad_ratio": _SHARE,
        "start": DAY,
        "rest": asking.rest(),
        "verify": asking.verify(),
        "options": {"title": "options", "type": "object"},
        "answer": asking.answer(),
        "archive": {**FLAG, "default": False},
        "declares": _declares(),
        "csv": block("csv", told({key: _WRITTEN[key] for key in CSV_KEYS}, OF_CSV)),
        "signal": {"title": "signal", "type": "string"},
        "map": {"title": "map", "type": "object"},
    }
    known = {"signal": word(vocabulary.file_kinds), "map": _map(vocabulary, {})}
    own = {"map": _map(vocabulary, {rf"^facts\.{NAME.pattern}$": {**_EXPRESSION, "description": OWN_SIGNAL}})}
    return {
        **_connector(kind, properties, NEEDED_WITH_A_MAP if kind == "csv" else ()),
        **({} if kind == "csv" else {"dependentRequired": {key: list(NEEDED_WITH_A_MAP) for key in MAPPED}}),
        "if": {"title": "connector", "required": ["declares"]},
        "then": {"title": "connector", "properties": told(own, OF_CONNECTORS)},
        "else": {"title": "connector", "properties": told(known, OF_CONNECTORS)},
    }


def _timer() -> Schema:
    name = block("facts", told({"name": TEXT}, OF_FACTS), ("name",))
    return _connector("timer", {"signal": word(("timer",)), "cron": TEXT, "timezone": TEXT, "facts": name}, ())


def _connector(kind: Kind, properties: Mapping[str, Schema], needed: tuple[str, ...]) -> Schema:
    every = {**properties, "name": ID, "kind": {"title": "word", "const": kind}}
    keys = told({key: every[key] for key in KEYS[kind]}, OF_CONNECTORS)
    return block(f"{kind} connector", keys, ("kind", *NEEDED[kind], *needed))


def _declares() -> Schema:
    """Kinds by name, each with its facts: a type, or the words it may have."""
    words = {**filled("list of words", TEXT), "maxItems": MOST_WORDS}
    return _named("declared signals", _named("facts of a signal", {"anyOf": [word(FACT_TYPES), words]}))


def _named(title: str, value: Schema) -> Schema:
    name = {"title": "name", "pattern": f"^{NAME.pattern}$"}
    return {"title": title, "type": "object", "propertyNames": name, "additionalProperties": value}


def _map(vocabulary: Vocabulary, more: Mapping[str, Schema]) -> Schema:
    """Whom a signal concerns and what happened; `more` are targets by pattern."""
    facts = {name for kind in vocabulary.file_kinds for name in vocabulary.kinds[kind]}
    meanings = {f"facts.{name}": OF_FACTS.get(name, OWN_SIGNAL) for name in sorted(facts)}
    targets = dict.fromkeys((*KEY_TARGETS, "certainty", *meanings), _EXPRESSION)
    patterns = {f"^{SYSTEM.pattern}$": _OF_SOMEBODY_ELSE, **more}
    return {**block("map", told(targets, {**OF_TARGETS, **meanings})), "patternProperties": patterns}
