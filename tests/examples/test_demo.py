"""`make demo` plays the whole book with the command line, and deletes nothing that is not its own."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import README, blocks
from tests.docs.walk import first_missing
from tests.examples.play import ROOT

DEMO = ROOT / "examples" / "demo.py"


@pytest.fixture
def make() -> Callable[[Path], None]:
    found: Callable[[Path], None] = runpy.run_path(str(DEMO))["make"]
    return found


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    elsewhere = {"REENGAGE_DATABASE_URL": f"sqlite:///{folder.parent / 'elsewhere.db'}", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, DEMO, folder],
        env={**os.environ, **elsewhere},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_demo_starts_over_and_tells_what_the_readme_says(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / ".reengage-demo").touch()
    (folder / "reengage.db").write_text("left over from last time")
    done = demo(folder)
    assert done.returncode == 0, done.stderr
    (excerpt,) = (block for block in blocks(README) if block.name == "demo")
    assert first_missing(excerpt.text.splitlines(), done.stdout) is None
    last = next(line for line in done.stdout.splitlines() if line.startswith("run 6 at"))
    assert "284 candidates: task 16" in last
    for told in ("Dana is now VP Revenue", "opted out on 2026-05-11", "0 errors", "0 failed", str(folder / "exports")):
        assert told in done.stdout
    assert len(list((folder / "exports").glob("*.csv"))) == 1
    assert not (tmp_path / "elsewhere.db").exists()


def test_the_demo_deletes_no_folder_that_it_did_not_make(tmp_path: Path, make: Callable[[Path], None]) -> None:
    kept = tmp_path / "letter.txt"
    kept.write_text("dear diary")
    with pytest.raises(SystemExit, match="no demo made it"):
        make(tmp_path)
    assert kept.read_text() == "dear diary"


def test_the_demo_follows_no_link_to_delete_what_is_there(tmp_path: Path, make: Callable[[Path], None]) -> None:
    made, link = tmp_path / "made", tmp_path / "demo"
    made.mkdir()
    (made / ".reengage-demo").touch()
    link.symlink_to(made, target_is_directory=True)
    with pytest.raises(SystemExit, match="no demo made it"):
        make(link)
    assert made.is_dir()
