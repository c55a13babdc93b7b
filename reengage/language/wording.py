"""Reads `rules/reading/`: the phrases and examples by which answers are understood; only who reads answers needs it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from reengage.language.diagnostic import Diagnostic, in_order, with_source
from reengage.language.examples import Examples, read_examples
from reengage.language.folder import READING, documents_if_any, sections_of
from reengage.language.phrases import Phrases, read_phrases
from reengage.language.reader import Found, TooMany
from reengage.language.yamlfile import Document


@dataclass(frozen=True, slots=True)
class Wording:
    """How answers are worded; not to be used where `errors` holds anything."""

    phrases: Phrases = field(default_factory=Phrases)
    examples: Examples = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep it from being used."""
        return tuple(one for one in self.diagnostics if one.severity == "error")


def load_wording(rules: Path) -> Wording:
    """Read what lies in a folder of rules about answers; nothing where it has none.

    Raises ReengageError if the folder is there and cannot be read.
    """
    folder, name = rules / READING, f"{rules.absolute().name}/{READING}"
    documents = documents_if_any(folder, name)
    wording = assemble_wording(documents)
    examples, problems = read_examples(folder, name)
    lines = {document.file: document.lines for document in documents}
    told = in_order(with_source(one, lines) for one in (*wording.diagnostics, *problems))
    return replace(wording, examples=examples, diagnostics=told)


def assemble_wording(documents: Iterable[Document]) -> Wording:
    """The phrases of some files; diagnostics come as found, without their source lines."""
    documents = tuple(documents)
    found = Found(problem for document in documents for problem in document.diagnostics)
    sections = sections_of(documents, ("phrases",), {}, found)
    phrases = Phrases()
    with suppress(TooMany):
        phrases = read_phrases(sections, found)
    return Wording(phrases, diagnostics=tuple(found))
