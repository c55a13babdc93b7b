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
from reengage.language.diagnostic import READABLE, Diagnostic, in_order, with_source
from reengage.language.examples import Examples, read_examples
from reengage.language.nodes import Mapping as Block
from reengage.language.nodes import Pair, Scalar
from reengage.language.phrases import Phrases, read_phrases
from reengage.language.plainfile import read_plain
from reengage.language.reader import Found, Read, TooMany, attempt, each, known_pairs, mapping_of
from reengage.language.replies import Replies, read_replies
from reengage.language.responses import Responses, read_responses
from reengage.language.revision import digest_of
from reengage.language.rulefile import Written, read_rule
from reengage.language.testfile import InlineTest, read_test
from reengage.language.titles import Titles, read_titles
from reengage.language.tree import Position, Rule
from reengage.model.errors import ReengageError
from reengage.model.facts import STANDARD, Vocabulary

T = TypeVar("T")
TABLES = ("responses", "titles", "assets")
"""Tables that stand once in a project, each under the key of its name."""

OPTIONAL = ("replies", "benchmarks")
"""Tables that a project may do without."""

SECTIONS = ("rules", "tests", *TABLES, *OPTIONAL, "phrases")
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
    phrases: Phrases = field(default_factory=Phrases)
    benchmarks: tuple[Benchmark, ...] = ()
    examples: Examples = ()

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

    Raises ReengageError if the folder cannot be read.
    """
    documents = [_document(path, f"{directory.resolve().name}/{path.name}") for path in _files(directory)]
    ruleset = assemble(documents, directory.resolve().name, vocabulary, made)
    examples, problems = read_examples(directory, directory.resolve().name)
    lines = {document.file: document.lines for document in documents}
    told = in_order(with_source(one, lines) for one in (*ruleset.diagnostics, *problems))
    return replace(ruleset, examples=examples, diagnostics=told)


def _files(directory: Path) -> list[Path]:
    try:
        names = sorted(path for path in directory.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as error:
        raise ReengageError(
            f'the folder "{directory}" cannot be read: {error.strerror}',
            help='run "reengage init" to start a project with rules',
        ) from None
    return [path for path in names if not path.name.startswith(".")]


def _document(path: Path, name: str) -> yamlfile.Document:
    try:
        return yamlfile.read(read_plain(path, yamlfile.MAX_BYTES), name)
    except OSError as error:
        problem = Diagnostic(
            Position(name, 1, 1), f"the file cannot be read: {error.strerror}", "missing-file", READABLE
        )
        return yamlfile.Document(name, (), None, (problem,))


def assemble(
    documents: Iterable[yamlfile.Document],
    folder: str,
    vocabulary: Vocabulary = STANDARD,
    made: Made | None = None,
) -> RuleSet:
    """The rules and tables of some files; diagnostics come as found, without their source lines."""
    documents = tuple(documents)
    found = Found((problem for document in documents for problem in document.diagnostics), vocabulary)
    sections = tuple(section for document in documents for section in _sections(document, found))
    written = tuple(_ordered(_all(sections, "rules", read_rule, found)))
    tests = tuple(_all(sections, "tests", read_test, found))
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
    phrases = _phrases(sections, found)
    diagnostics = (*found, *run_checks(project))
    return RuleSet(
        project.rules,
        tests,
        project.responses or {},
        titles or Titles(),
        project.assets or {},
        project.replies or Replies(),
        diagnostics,
        phrases,
        benchmarks=benchmarks or (),
    )


def _sections(document: yamlfile.Document, found: Found) -> tuple[Pair, ...]:
    if document.root is None or (isinstance(document.root, Scalar) and document.root.text is None):
        return ()
    with suppress(TooMany):
        blocks: tuple[Block, ...] = attempt(lambda node, _: mapping_of(node, "the file"), document.root, found)
        return tuple(pair for block in blocks for pair in known_pairs(block, SECTIONS, "the file", found))
    return ()


def _all(sections: Iterable[Pair], key: str, read: Read[T], found: Found) -> Iterator[T]:
    """What the lists under one top key hold, over all files."""
    for pair in sections:
        if pair.key == key:
            with suppress(TooMany):
                for items in attempt(each(read), pair.value, found):
                    yield from items


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


def _phrases(sections: Iterable[Pair], found: Found) -> Phrases:
    """The phrases of all files that have some; none where what they say cannot be read."""
    with suppress(TooMany):
        return read_phrases((pair for pair in sections if pair.key == "phrases"), found)
    return Phrases()


def _missing(key: str, folder: str) -> Diagnostic:
    help = f'copy rules/{key}.yaml from a new project made by "reengage init"'
    return Diagnostic(
        Position(f"{folder}/{key}.yaml", 1, 1), f'no file has the table "{key}:"', "missing-file", help=help
    )
