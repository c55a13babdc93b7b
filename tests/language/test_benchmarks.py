"""What others say figures should be: read with its places, and the starter's with their sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reengage.language import yamlfile
from reengage.language.benchmarks import ABOUT, Benchmark, Measure, Unit
from reengage.language.ruleset import assemble, load_rules
from reengage.language.tree import Between
from tests.docs.pages import in_code, tables
from tests.examples.play import ROOT

PAGE = ROOT / "docs" / "learning.md"
STARTER = Path(__file__).parents[2] / "rules"
ROW = "benchmarks:\n  - {{id: one, what: complaint_rate, {}, unit: percent, source: an article}}\n"


def read(text: str) -> tuple[tuple[Benchmark, ...], list[str]]:
    found = assemble([yamlfile.read(text.encode(), "rules/benchmarks.yaml")], "rules")
    return found.benchmarks, [one.message for one in found.errors if one.check != "missing-file"]


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("goal: {at_most: 0.3}", Between(None, 0.3)),
        ("alarm: {at_least: 20, at_most: 50}", Between(20, 50)),
        ("typical: 0.1", Between(0.1, 0.1)),
    ],
)
def test_a_range_or_one_number(written: str, span: Between) -> None:
    (benchmark,), problems = read(ROW.format(written))
    assert (benchmark.span, benchmark.kind, problems) == (span, written.split(":")[0], [])
    assert (benchmark.what, benchmark.unit) == (Measure.COMPLAINT_RATE, Unit.PERCENT)


def test_a_table_with_a_mistake_is_not_used() -> None:
    assert read(ROW.format("goal: {at_most: 0.3 %}")) == ((), ['"0.3 %" is not a number'])


def test_a_project_may_do_without(tmp_path: Path) -> None:
    for table in ("responses", "titles", "assets"):
        shutil.copy(STARTER / f"{table}.yaml", tmp_path)
    found = load_rules(tmp_path)
    assert (found.benchmarks, found.errors) == ((), ())


def test_every_number_of_the_starter_names_its_source() -> None:
    benchmarks = load_rules(STARTER).benchmarks
    assert len(benchmarks) >= 10
    for one in benchmarks:
        assert one.source.startswith("article on ")
        assert one.rows
        assert all(re.fullmatch(r"[AB]\d\d", row) for row in one.rows)
        assert one.advice or one.kind == "typical"


def test_the_starter_has_what_the_sources_claim() -> None:
    claims = {one.id: (one.kind, one.span.at_least, one.span.at_most) for one in load_rules(STARTER).benchmarks}
    assert claims["complaints"] == ("goal", None, 0.3)
    assert claims["unsubscribes-in-a-year"] == ("typical", 0.08, 0.22)
    assert claims["work-on-the-pitch"] == ("alarm", 70, None)
    assert claims["leaking-suppression"] == ("alarm", 20, None)
    assert claims["noes-that-turn"] == ("typical", 60, 60)


def test_every_measure_says_what_it_is_and_the_page_lists_them() -> None:
    assert set(ABOUT) == set(Measure)
    assert [word for row in tables(PAGE, "`what`") for word in in_code(row[0])] == list(Measure)
