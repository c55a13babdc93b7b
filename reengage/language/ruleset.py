"""Reads the folder of rules: rules with their tests, and the tables that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from reengage.language import yamlfile
from reengage.language.across import Made
from reengage.language.assets import Asset, read_assets
from reengage.language.benchmarks import Benchmark, read_benchmarks
from reengage.language.checks import Project, run_checks
from reengage.language.diagnostic import Diagnostic, in_order, with_source
from reengage.language.folder import READING, documents_in, items_of, sections_of
from reengage.language.nodes import Pair
from reengage.language.reader import Found, Read, TooMany, attempt
from reengage.language.replies import Replies, read_replies
from reengage.language.responses import Responses, read_responses
from reengage.language.revision import digest_of
from reengage.language.rulefile import Written, read_rule
from reengage.language.testfile import InlineTest, read_test
from reengage.language.titles import Titles, read_titles
from reengage.language.tree import Position, Rule
from reengage.model.facts import STANDARD, Vocabulary

T = TypeVar("T")
TABLES = ("responses", "titles", "assets")
"""Tables that stand once in a project, each under the key of its name."""

OPTIONAL = ("replies", "benchmarks")
"""Tables that a project may do without."""

SECTIONS = ("rules", "tests", *TABLES, *OPTIONAL)
"""Top keys of the files in the folder of rules."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything read from the folder; not to be used where `errors` holds anything."""

    rules: tuple[Rule, ...] = ()
    tests: tuple[InlineTest, ...] = ()
    responses: Responses = field(default_factory=dict)
    titles: Titles = field(default_factory=Titles)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    replies: Replies = field(default_factory=Replies)
    diagnostics: tuple[Diagnostic, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep the rules from being used."""
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def digest(self) -> str:
        """12 hexadecimal digits over the ids and revisions of the enabled rules."""
        return digest_of(self.rules)


def load_rules(directory: Path, vocabulary: Vocabulary = STANDARD, made: Made | None = None) -> RuleSet:
    """Read every *.yaml of a folder, in the order of their names; what is wrong with them stands in `diagnostics`.

    Raises ReengageError if the folder is not there or cannot be read.
    """
    name = directory.absolute().name
    documents = documents_in(directory, name)
    ruleset = assemble(documents, name, vocabulary, made)
    lines = {document.file: document.lines for document in documents}
    return replace(ruleset, diagnostics=in_order(with_source(one, lines) for one in ruleset.diagnostics))


def assemble(
    documents: Iterable[yamlfile.Document],
    folder: str,
    vocabulary: Vocabulary = STANDARD,
    made: Made | None = None,
) -> RuleSet:
    """The rules and tables of some files; diagnostics come as found, without their source lines."""
    documents = tuple(documents)
    found = Found((problem for document in documents for problem in document.diagnostics), vocabulary)
    sections = sections_of(documents, SECTIONS, {"phrases": f"{folder}/{READING}"}, found)
    written = tuple(_ordered(items_of(sections, "rules", read_rule, found)))
    tests = tuple(items_of(sections, "tests", read_test, found))
    project = Project(
        written,
        tests,
        _table(sections, "responses", read_responses, folder, found),
        _table(sections, "assets", read_assets, folder, found),
        replies=_table(sections, "replies", read_replies, folder, found),
        complete=not found,
        vocabulary=vocabulary,
        made=made,
    )
    titles = _table(sections, "titles", read_titles, folder, found)
    benchmarks = _table(sections, "benchmarks", read_benchmarks, folder, found)
    diagnostics = (*found, *run_checks(project))
    return RuleSet(
        project.rules,
        tests,
        project.responses or {},
        titles or Titles(),
        project.assets or {},
        project.replies or Replies(),
        diagnostics,
        benchmarks or (),
    )


def _ordered(written: Iterable[Written]) -> Iterator[Written]:
    """The rules, each with its place in the project."""
    for order, one in enumerate(written):
        yield replace(one, rule=replace(one.rule, order=order))


def _table(sections: Iterable[Pair], key: str, read: Read[T], folder: str, found: Found) -> T | None:
    """The one table under a top key; None where it is missing or cannot be read."""
    pairs = [pair for pair in sections if pair.key == key]
    if not pairs and key not in OPTIONAL:
        found.append(_missing(key, folder))
    for pair in pairs[1:]:
        message = f'a second "{key}" stands here, the first in {pairs[0].at}'
        found.append(Diagnostic(pair.at, message, "duplicate-key", help="keep one table"))
    before, tables = len(found), tuple[T, ...]()
    with suppress(TooMany):
        tables = attempt(read, pairs[0].value, found) if pairs else ()
    return tables[0] if tables and len(found) == before else None


def _missing(key: str, folder: str) -> Diagnostic:
    help = f'copy rules/{key}.yaml from a new project made by "reengage init"'
    return Diagnostic(
        Position(f"{folder}/{key}.yaml", 1, 1), f'no file has the table "{key}:"', "missing-file", help=help
    )
