"""Connectors in Python: a class in a file beside the connector's, or one that a package brings."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node
from reengage.language.reader import Found, attempt, mapping_of, one
from reengage.language.values import NotUnderstood, any_text
from reengage.model.errors import ReengageError
from reengage.source import Later, Refused, Source
from reengage.sources.rest.client import Page
from reengage.sources.rest.outcome import Outcome, State
from reengage.sources.secrets import Secret, is_reference, is_secret_key, parse_secret, redact

GROUP = "reengage.connectors"
"""The group of entry points under which a package brings classes."""

FOLDER = "connectors"

_IN_FILE = re.compile(r"([A-Za-z0-9_]+\.py):([A-Za-z_][A-Za-z0-9_]*)")
_BY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Program:
    """A class, as `FILE.py:CLASS` in connectors/ or the name of an entry point, and what it is told."""

    name: str
    options: Mapping[str, Secret] = field(default_factory=dict)


class Pulled(Iterator[Page]):
    """The pages of a class, and how it ended; what it raises is told in one sentence without secrets."""

    def __init__(self, source: Source, program: Program, arguments: tuple[Any, ...], secrets: tuple[str, ...]) -> None:
        self.outcome = Outcome(State.UNFINISHED, "the pull was left before its end")
        self._pages = self._each(source, program.name, arguments, secrets)

    def __next__(self) -> Page:
        return next(self._pages)

    def close(self) -> None:
        """Leave the pull where it is."""
        self._pages.close()

    def _each(self, source: Source, name: str, arguments: tuple[Any, ...], secrets: tuple[str, ...]) -> Generator[Page]:
        try:
            for number, body in enumerate(source.pull(*arguments), start=1):
                if not isinstance(body, bytes):
                    raise TypeError(f"pull gave {type(body).__name__} where it has to give bytes")
                yield Page(body, f"{name}, page {number}", number)
        except Later as told:
            self.outcome = Outcome(State.LATER, redact(str(told), secrets), told.not_before)
        except Refused as told:
            self.outcome = Outcome(State.REFUSED, redact(str(told) or "the source refused us", secrets))
        except Exception as error:
            why = redact(f"{type(error).__name__}: {error}", secrets).splitlines()[0][:300]
            self.outcome = Outcome(State.FAILED, f"{name} broke off with {why}")
        else:
            self.outcome = Outcome(State.DONE)


def pull(
    program: Program, *, since: datetime | None, now: datetime, environ: Mapping[str, str], folder: Path
) -> Pulled:
    """What the class gives of what happened since a moment; raises ReengageError where there is no such class."""
    options = {name: value.reveal(environ, folder) for name, value in program.options.items()}
    secrets = tuple(options[name] for name, value in program.options.items() if is_reference(value.name))
    return Pulled(_class(program.name, folder)(), program, (since, now, options), secrets)


def read_options(node: Node, found: Found) -> dict[str, Secret]:
    """What a class is told: texts by name, secrets as references; what is wrong is noted."""
    options: dict[str, Secret] = {}
    for pair in mapping_of(node, "options").pairs:
        parse = parse_secret if is_secret_key(pair.key) else _option
        options.update((pair.key, value) for value in attempt(one(parse), pair.value, found))
    if len(options) > MOST_OPTIONS:
        help = "put them into a file of your own"
        found.append(Diagnostic(node.at, f"there are more than {MOST_OPTIONS} options", "wrong-value", help))
    return options


MOST_OPTIONS = 50


def program_name(text: str) -> str:
    """The name of a class; raises NotUnderstood."""
    if _IN_FILE.fullmatch(text) or (_BY_NAME.fullmatch(text) and not text.endswith(".py")):
        return text
    help = f'"crm.py:Crm" for a class in {FOLDER}/crm.py, or the name by which a package brings it'
    raise NotUnderstood(f"{quoted(text)} names no class", help=help)


def _option(text: str) -> Secret:
    return parse_secret(text) if is_reference(text) else Secret(any_text(text))


def _class(name: str, folder: Path) -> type[Source]:
    """Raises ReengageError."""
    in_file = _IN_FILE.fullmatch(name)
    found: type[Source] = _of_file(folder / FOLDER / in_file[1], in_file[2]) if in_file else _of_package(name)
    if not callable(getattr(found, "pull", None)):
        raise ReengageError(f"{name} has no method pull", help="see reengage/source.py")
    return found


def _of_file(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"reengage_connector_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ReengageError("there is no such file", where=str(path), help=f"write the class {name} into it")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ReengageError(f"it cannot be imported: {type(error).__name__}: {error}", where=str(path)) from error
    if not hasattr(module, name):
        raise ReengageError(f"there is no class {name} in it", where=str(path), help="spell it as it stands there")
    return getattr(module, name)


def _of_package(name: str) -> Any:
    found = entry_points(group=GROUP)
    wanted = [point for point in found if point.name == name]
    if not wanted:
        known = ", ".join(sorted(point.name for point in found)) or "none"
        raise ReengageError(f"no installed package brings {quoted(name)}", help=f"there are: {known}")
    try:
        return wanted[0].load()
    except Exception as error:
        raise ReengageError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error
