"""Diagnostics for other programs: annotations of a GitHub workflow, and SARIF 2.1.0 for code scanning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from reengage.language.checks import explanations
from reengage.language.diagnostic import Diagnostic

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command per diagnostic, which GitHub shows at its line of a pull request."""
    return "\n".join(_command(one) for one in diagnostics)


def _command(one: Diagnostic) -> str:
    at = one.position
    where = {
        "file": at.file,
        "line": str(at.line),
        "col": str(at.column),
        "endColumn": str(at.column + one.width),
        "title": one.check,
    }
    properties = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    return f"::{one.severity} {properties}::{_data(_told(one))}"


def _told(one: Diagnostic) -> str:
    return f"{one.message}\nhelp: {one.help}"


def _data(text: str) -> str:
    """A message as workflow commands escape it (actions/toolkit, core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """A SARIF log with one run of this version of reengage; files are named as they were read."""
    checks = sorted({one.check for one in diagnostics})
    driver = {"name": "reengage", "version": version, "rules": list(map(_rule, checks))}
    results = [_result(one, checks.index(one.check)) for one in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(check: str) -> dict[str, Any]:
    """What code scanning shows beside a finding."""
    text = " ".join(explanations()[check].split())
    return {"id": check, "fullDescription": {"text": text}, "help": {"text": text, "markdown": f"**{check}**: {text}"}}


def _result(one: Diagnostic, check: int) -> dict[str, Any]:
    at = one.position
    region = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + one.width}
    place = {"artifactLocation": {"uri": quote(at.file)}, "region": region}
    return {
        "ruleId": one.check,
        "ruleIndex": check,
        "level": one.severity,
        "message": {"text": _told(one)},
        "locations": [{"physicalLocation": place}],
    }
