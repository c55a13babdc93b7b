"""The page beside these tests names every one of them."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_the_table_names_every_scenario_under_its_number() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    rows = re.findall(r"^\| TC-(\d\d) \|(.*)$", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = [(number, name) for number, row in rows for name in re.findall(r"`(test_tc_\w+)`", row)]
    assert all(name.startswith(f"test_tc_{number}_") for number, name in listed)
    assert sorted(name for _, name in listed) == sorted(re.findall(r"^def (test_tc_\d\d_\w+)", written, re.MULTILINE))
    assert {int(number) for number, _ in rows} == set(range(1, 31)) - {24, 26}
