"""The results of the inline tests as JUnit XML, which CI servers show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from reengage.app.ruletests import Failure, Report, Result

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can hold, escaped or not."""


def junit(report: Report) -> bytes:
    """A testsuite for each rule file, a testcase for each test with its file and line, and what failed in it."""
    root = Element("testsuites", {"name": "reengage test", **_counts(report.results)})
    for file, results in groupby(report.results, key=lambda one: one.test.at.file):
        listed = tuple(results)
        suite = SubElement(root, "testsuite", {"name": _clean(file), **_counts(listed)})
        for result in listed:
            _add_case(suite, result)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _counts(results: Sequence[Result]) -> dict[str, str]:
    failed = sum(bool(one.failures) for one in results)
    return {"tests": str(len(results)), "failures": str(failed), "errors": "0", "skipped": "0"}


def _add_case(suite: Element, result: Result) -> None:
    at, file = result.test.at, _clean(result.test.at.file)
    named = {"name": _clean(result.test.name), "classname": file, "file": file, "line": str(at.line)}
    case = SubElement(suite, "testcase", named)
    if result.failures:
        first = {"message": _clean(result.failures[0].message), "type": "expectation"}
        SubElement(case, "failure", first).text = _clean("\n".join(map(_told, result.failures)))


def _told(one: Failure) -> str:
    return f"{one.at}: {one.message}" + (f"\n    {one.why}" if one.why else "")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
