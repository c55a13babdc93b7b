"""The YAML files of a folder, read in the order of their names and taken apart by their top keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from reengage.language import yamlfile
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Pair, Scalar
from reengage.language.plainfile import read_plain
from reengage.language.reader import Found, Read, TooMany, attempt, each, known_pairs, mapping_of
from reengage.language.tree import Position
from reengage.model.errors import ReengageError

T = TypeVar("T")
READING = "reading"
"""Where in the folder of rules lies what answers are read by."""


def documents_in(directory: Path, name: str) -> list[yamlfile.Document]:
    """The *.yaml files of a folder; positions in them begin with `name`.

    Raises ReengageError if the folder is not there or cannot be read.
    """
    return [_document(path, f"{name}/{path.name}") for path in _files(directory)]


def documents_if_any(directory: Path, name: str) -> list[yamlfile.Document]:
    """The *.yaml files of a folder that a project may do without.

    Raises ReengageError if it cannot be read; a file in its place, or a link that leads nowhere, is no missing folder.
    """
    is_there = directory.is_symlink() or directory.exists()
    return documents_in(directory, name) if is_there else []


def _files(directory: Path) -> list[Path]:
    try:
        names = sorted(path for path in directory.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as error:
        raise ReengageError(
            f"the folder cannot be read: {error.strerror}",
            where=str(directory),
            help='it must be a folder that you may read; "reengage init" starts a project that has it',
        ) from None
    return [path for path in names if not path.name.startswith(".")]


def _document(path: Path, name: str) -> yamlfile.Document:
    try:
        return yamlfile.read(read_plain(path, yamlfile.MAX_BYTES), name)
    except OSError as error:
        help = "give yourself the right to read it, or take it out of the folder"
        message = f"the file cannot be read: {error.strerror}"
        problem = Diagnostic(Position(name, 1, 1), message, "missing-file", help)
        return yamlfile.Document(name, (), None, (problem,))


def sections_of(
    documents: Iterable[yamlfile.Document], keys: tuple[str, ...], elsewhere: dict[str, str], found: Found
) -> tuple[Pair, ...]:
    """What stands under the top keys of these files; a key that is none of `keys` is noted.

    `elsewhere` are keys for which there is another folder.
    """
    return tuple(section for document in documents for section in _sections(document, keys, elsewhere, found))


def _sections(
    document: yamlfile.Document, keys: tuple[str, ...], elsewhere: dict[str, str], found: Found
) -> tuple[Pair, ...]:
    if document.root is None or (isinstance(document.root, Scalar) and document.root.text is None):
        return ()
    with suppress(TooMany):
        blocks: tuple[Mapping, ...] = attempt(lambda node, _: mapping_of(node, "the file"), document.root, found)
        rest = [_without_misplaced(block, elsewhere, found) for block in blocks]
        return tuple(pair for block in rest for pair in known_pairs(block, keys, "the file", found))
    return ()


def _without_misplaced(block: Mapping, elsewhere: dict[str, str], found: Found) -> Mapping:
    """The block without keys for which there is another folder, which are noted."""
    for pair in block.pairs:
        if pair.key in elsewhere:
            message = f"{quoted(pair.key)} belongs in the folder {elsewhere[pair.key]}"
            help = "move it into a file there, with all that stands under it"
            found.append(Diagnostic(pair.at, message, "unknown-key", help))
    return replace(block, pairs=tuple(pair for pair in block.pairs if pair.key not in elsewhere))


def items_of(sections: Iterable[Pair], key: str, read: Read[T], found: Found) -> Iterator[T]:
    """What the lists under one top key hold, over all files."""
    for pair in sections:
        if pair.key == key:
            with suppress(TooMany):
                for items in attempt(each(read), pair.value, found):
                    yield from items
