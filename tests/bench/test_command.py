"""The commands work; what they measure is never asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer import Exit
from typer.testing import CliRunner

from bench.__main__ import _agree, app
from bench.book import RUN_AT, Book
from bench.chart import draw
from bench.peers import Peer
from bench.place import Cost, Place
from bench.rows import plainly
from bench.rulebook import ROOT, SENIORITIES, make_project
from reengage.app.project import read_project


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_run_is_measured_beside_the_script(tmp_path: Path) -> None:
    done = bench(
        "run",
        "--contacts",
        "2000",
        "--signals",
        "200",
        "--rules",
        "10",
        "--keep",
        str(tmp_path / "kept"),
        "--json",
        str(tmp_path / "run.json"),
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "run.json").read_text())
    assert figures["command"].startswith("python -m bench run --contacts 2000")
    assert all(figures[name] for name in ("day", "machine", "versions"))
    costs = [Cost(**cost) for cost in figures["costs"].values()]
    assert len(costs) == 3
    assert costs[0].done == costs[1].done > 5
    assert all(cost.seconds > 0 and cost.cpu > 0 and cost.peak_mb > 0 for cost in costs)
    assert (tmp_path / "kept" / "reengage.db").exists()


def test_a_book_that_is_left_can_be_run_under_a_profiler(tmp_path: Path) -> None:
    assert bench("fill", str(tmp_path), "--contacts", "300", "--rules", "10").returncode == 0
    step = ["bench.child", "run", str(tmp_path), RUN_AT.isoformat(), "1"]
    profile = [sys.executable, "-m", "cProfile", "-s", "tottime", "-m", *step]
    done = subprocess.run(profile, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.partition("\n")[0])["done"] > 0
    assert "Ordered by: internal time" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("fill {full}", "is there and is not an empty folder"),
        ("run --keep {full}", "is there and is not an empty folder"),
        ("run --keep {full}/file", "is there and is not an empty folder"),
        ("run --json {full}/none/run.json", "name one in a folder that is there"),
        ("memory --json {full}", "no file can be written"),
        ("growth --svg /none/growth.svg", "name one in a folder that is there"),
        ("run --contacts 100 --large-account 101", "--large-account 101 is more than the 100 contacts"),
        ("fill new --contacts 100 --signals 5 --loud-contact 6", "--loud-contact 6 is more than the 5 signals"),
        ("peers --contacts 99", "greater than or equal to 100"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(tmp_path: Path, arguments: str, told: str) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, arguments.format(full=tmp_path).split(), env={"COLUMNS": "300"})
    assert (done.exit_code, told in done.output) == (2, True), done.output
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_server_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.options.find_spec", lambda _: None)
    done = CliRunner().invoke(app, ["run", "--database", "postgresql"], env={"COLUMNS": "300"})
    assert (done.exit_code, "`make bench` installs it" in done.output) == (2, True), done.output


def test_peers_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.__main__.PEERS", [Peer("an engine", "no_such_module", plainly, 10)])
    done = CliRunner().invoke(app, ["peers", "--contacts", "100", "--rules", "2"])
    assert done.exit_code == 0, done.output
    assert "not installed: an engine; `make bench` installs them" in " ".join(done.output.split())


def test_no_figure_is_shown_where_the_decisions_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = Place(tmp_path, Book(100, 100))
    for name, rule in (("run", "rule-001"), ("script", "rule-002")):
        (tmp_path / f"{name}.chosen").write_text(json.dumps([[7, [rule, "bench/n1"]], [8, [SENIORITIES[0], "x"]]]))
    with pytest.raises(Exit):
        _agree(place, "run", "script")
    assert "differ on 1 contacts: of contact 7" in " ".join(capsys.readouterr().err.split())


def test_what_goes_in_and_out_is_measured(tmp_path: Path) -> None:
    options = ("--rows", "100", "--entries", "1000", "--json", str(tmp_path / "steps.json"))
    done = CliRunner().invoke(app, ["throughput", *options])
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "steps.json").read_text())
    assert {"import contacts", "export tasks"} < set(figures["costs"])
    assert all(cost["done"] > 0 for cost in figures["costs"].values())
    assert {one["entries"] for one in figures["look_ups"].values()} == {1000}


@pytest.mark.parametrize("rules", [2, 50, 200])
def test_rulebooks_have_no_errors(rules: int, tmp_path: Path) -> None:
    found = read_project(make_project(tmp_path, rules)).rules()
    assert (len(found.rules), found.errors) == (rules, ())
    assert len({rule.revision for rule in found.rules}) == rules


def test_a_chart_has_a_line_for_each_thing() -> None:
    lines = {"contacts": [(1.0, 2.0), (2.0, 4.0)], "rules & more": [(1.0, 2.0), (2.0, 2.1)]}
    drawn = ElementTree.fromstring(draw("seconds", " s", lines))
    named = {element.tag.partition("}")[2] for element in drawn}
    assert {"title", "style", "polyline", "circle", "text", "path"} <= named
    points = [element.get("points", "").split() for element in drawn if element.tag.endswith("polyline")]
    assert [len(some) for some in points] == [2, 2]
    assert "prefers-color-scheme: dark" in ElementTree.tostring(drawn, "unicode")
