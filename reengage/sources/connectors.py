"""Reads the folder of connectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from reengage.language import yamlfile
from reengage.language.diagnostic import Diagnostic, in_order, quoted, with_source
from reengage.language.folder import documents_if_any
from reengage.language.reader import Found, TooMany, attempt
from reengage.language.tree import Position
from reengage.language.values import advice
from reengage.model.errors import ReengageError, UsageError
from reengage.model.facts import KINDS, Vocabulary
from reengage.model.text import counted
from reengage.sources.connector import Connector
from reengage.sources.connectorfile import read_connector
from reengage.sources.declared import Kinds, read_declared


@dataclass(frozen=True, slots=True)
class Sources:
    """What a folder of connectors holds: those that are sound, the kinds that they declare, and what is wrong."""

    connectors: tuple[Connector, ...]
    kinds: Kinds
    diagnostics: tuple[Diagnostic, ...]


def read_sources(directory: Path) -> Sources:
    """Every connector of a folder in the order of the file names, and what is wrong with the files.

    A connector with anything wrong is left out; a folder that is not there has none. Raises ReengageError if it cannot
    be read.
    """
    documents = documents_if_any(directory, directory.absolute().name)
    found = Found(problem for document in documents for problem in document.diagnostics)
    kinds = read_declared((one.root for one in documents if one.root), found)
    found.vocabulary = Vocabulary({**KINDS, **kinds})
    connectors = tuple(_of_another(list(_with_one_name(_connectors(documents, found), found)), found))
    lines = {document.file: document.lines for document in documents}
    return Sources(connectors, kinds, in_order(with_source(problem, lines) for problem in found))


def load_connectors(directory: Path) -> tuple[tuple[Connector, ...], tuple[Diagnostic, ...]]:
    """The sound connectors of a folder, and what is wrong with the others."""
    found = read_sources(directory)
    return found.connectors, found.diagnostics


def usable_connectors(directory: Path, names: Sequence[str] = ()) -> list[Connector]:
    """The connectors of a folder (those named, if any are); raises where a file is wrong or a name unknown."""
    connectors, problems = load_connectors(directory)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ReengageError(
            f"the connectors have {counted(len(errors), 'error')}; the first: {errors[0].message}",
            where=str(errors[0].position),
            help="reengage check shows all of them",
        )
    known = {connector.name: connector for connector in connectors}
    for name in names:
        if name not in known:
            raise UsageError(f'no connector is called "{name}"', help=f"there are: {', '.join(known) or 'none'}")
    return [known[name] for name in names] if names else list(connectors)


def _connectors(documents: Iterable[yamlfile.Document], found: Found) -> Iterator[Connector]:
    for document in documents:
        if document.root is None and not document.diagnostics:
            at = Position(document.file, 1, 1)
            found.append(Diagnostic(at, "the file is empty", "wrong-shape", help="a connector begins with its name"))
        if document.root is not None:
            with suppress(TooMany):
                read = filter(None, attempt(read_connector, document.root, found))
                yield from (replace(connector, edition=_edition(document)) for connector in read)


def _edition(document: yamlfile.Document) -> str:
    return hashlib.sha256("\n".join(document.lines).encode()).hexdigest()


def _of_another(connectors: Sequence[Connector], found: Found) -> Iterator[Connector]:
    """The connectors but those that share the webhook of one that is not there, or shares one itself."""
    called = {one.name for one in connectors if one.hooking and not one.hooking.of}
    for one in connectors:
        if one.hooking and one.hooking.of and one.hooking.of not in called:
            message = f"no webhook is called {quoted(one.hooking.of)}"
            found.append(Diagnostic(one.at, message, "wrong-value", advice(one.hooking.of, sorted(called))))
        else:
            yield one


def _with_one_name(connectors: Iterable[Connector], found: Found) -> Iterator[Connector]:
    first: dict[str, Connector] = {}
    for connector in connectors:
        if (other := first.setdefault(connector.name, connector)) is connector:
            yield connector
        else:
            message = f"the name {quoted(connector.name)} is also that of {other.at.file}"
            help = "each connector needs a name of its own: it is the source of its signals"
            found.append(Diagnostic(connector.at, message, "duplicate-name", help=help))
