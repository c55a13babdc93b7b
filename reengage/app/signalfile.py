"""Reads a file of signals that never came, written as an inline test writes them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reengage.language import yamlfile
from reengage.language.diagnostic import Diagnostic, in_order, with_source
from reengage.language.nodes import Mapping, Node, Pair, Scalar, Sequence
from reengage.language.plainfile import read_plain
from reengage.language.reader import Found, TooMany, fields_of
from reengage.language.testfile import GivenSignal, read_test
from reengage.language.tree import Position
from reengage.model.errors import UsageError
from reengage.model.facts import Vocabulary

_EXAMPLE = "write a list such as - {day: 2026-03-01, intent: {topic: crm migration, score: 80}}"


@dataclass(frozen=True, slots=True)
class SignalFile:
    """The signals of a file, none where anything is wrong with it."""

    signals: tuple[GivenSignal, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_signals(path: Path, until: date, vocabulary: Vocabulary) -> SignalFile:
    """Read a list of signals from YAML or JSON, bare or under `signals:`; no signal may lie after this day.

    Raises UsageError where the file cannot be opened.
    """
    try:
        document = yamlfile.read(read_plain(path, yamlfile.MAX_BYTES), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", help=_EXAMPLE) from None
    found, signals = Found(document.diagnostics, vocabulary), tuple[GivenSignal, ...]()
    with suppress(TooMany):
        if not found:
            signals = _signals(document.root or Scalar(None, Position(str(path), 1, 1)), found)
            found.extend(_too_late(one, until) for one in signals if one.day > until)
    lines = {document.file: document.lines}
    return SignalFile(() if found else signals, in_order(with_source(one, lines) for one in found))


def _signals(root: Node, found: Found) -> tuple[GivenSignal, ...]:
    listed = root
    if isinstance(root, Mapping):
        block = fields_of(root, ("signals",), "the file", found, ("signals",)).node
        listed = next((pair.value for pair in block.pairs if pair.key == "signals"), Scalar(None, root.at))
    signals = read_test(_as_test(listed), found).signals
    if not signals and not found:
        found.append(Diagnostic(listed.at, "a signal is missing here", "wrong-shape", help=_EXAMPLE))
    return signals


def _as_test(signals: Node) -> Mapping:
    """The signals as part of a test that expects nothing, which is the only place where the language has signals."""
    at = signals.at
    expected = Mapping((Pair("day", at, Scalar("2000-01-01", at)), Pair("tasks", at, Sequence((), at))), at)
    others = (Pair("name", at, Scalar("supposed", at)), Pair("expect", at, Sequence((expected,), at)))
    return Mapping((Pair("signals", at, signals), *others), at)


def _too_late(one: GivenSignal, until: date) -> Diagnostic:
    message = f"this signal comes on {one.day}, after the moment that is asked about"
    return Diagnostic(one.at, message, "wrong-value", help=f"write a day up to {until}, or a later --at")
