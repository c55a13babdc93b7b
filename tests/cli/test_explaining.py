"""`reengage explain` as a person types it: what would have to change, signals that never came, and who is not named."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Reengage
from tests.cli.test_commands import filled

__all__ = ["filled"]

MOVE = "- {day: 2026-10-01, job_change: {new_company: Globex, new_title: VP Sales, previous_company: Initech}}\n"


def test_the_verdict_the_nearest_miss_and_the_guards(filled: Reengage) -> None:
    found = filled("explain", "C1", "--at", "2026-09-10").out
    assert "judged now: no_match: " in found
    assert "nearest miss: job-change-not-now would fire if:" in found
    assert "job_change came with new_seniority: director or vp or c_level (none was heard)" in found
    filled("run", "--at", "2026-10-05")
    found = filled("explain", "C1", "--at", "2026-10-06").out
    assert "is open (already_tasked), until 2026-" in found
    assert "and the contact rests 14 days (cooldown), until 2026-10-19" in found
    told = filled("explain", "C1", "--at", "2026-10-06", "--format", "json").json()
    assert told["verdict"].keys() == {"outcome", "rule", "revision", "reason"}
    assert {guard["outcome"] for guard in told["guards"]} == {"already_tasked", "cooldown"}
    near = told["nearest_miss"]
    assert near.keys() == {"rule", "revision", "would_fire_if", "conditions", "fires_on"}
    assert all(one["fails"] and one["line"].startswith("rules/") for one in near["conditions"])


def test_a_signal_that_never_came(filled: Reengage, project: Path) -> None:
    (project / "maybe.yaml").write_text(MOVE, encoding="utf-8")
    before = (project / "reengage.db").read_bytes()
    found = filled("explain", "C1", "--at", "2026-10-02", "--with-signal", "maybe.yaml")
    assert found.code == 0
    assert "supposed: job_change, 2026-10-01 12:00, " in found.out
    told = filled("explain", "C1", "--at", "2026-10-02", "--with-signal", "maybe.yaml", "--format", "json").json()
    assert [one["kind"] for one in told["supposed"]] == ["job_change"]
    assert (project / "reengage.db").read_bytes() == before
    (project / "maybe.yaml").write_text(MOVE.replace("new_title", "new_titel"), encoding="utf-8")
    wrong = filled("explain", "C1", "--with-signal", "maybe.yaml")
    assert (wrong.code, wrong.out) == (2, "")
    assert 'maybe.yaml:1:55: unknown key "new_titel" in job_change [unknown-key]' in wrong.err


def test_whoever_said_stop_is_named_by_what_was_typed(filled: Reengage, project: Path) -> None:
    (project / "maybe.yaml").write_text(MOVE, encoding="utf-8")
    filled("run", "--at", "2026-10-05")
    for how in ((), ("--format", "json"), ("--all",)):
        ran = filled("explain", "C2", "--with-signal", "maybe.yaml", *how)
        assert ran.code == 0 and "opted_out: opted out on 2026-04-02" in ran.out
        assert not [word for word in ("Sam", "Stopp", "initech", "Hooli", "job_change") if word in ran.out + ran.err]
    told = filled("explain", "C2", "--format", "json").json()
    assert (told["verdict"], told["rules"], told["past"], told["guards"]) == (None, [], [], [])


def test_a_rule_that_was_changed_since_is_said_to_be(filled: Reengage, project: Path) -> None:
    filled("run", "--at", "2026-10-05")
    assert "revision" not in filled("explain", "C1", "--at", "2026-10-06").out
    file = project / "rules" / "job-change.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("cooldown: 6 months", "cooldown: 7 months", 1), encoding="utf-8"
    )
    found = filled("explain", "C1", "--at", "2026-10-06")
    assert "decided by revision " in found.out
    assert "changed since the last run, and judged here as they are in the files now: job-change-not-now" in found.out
    told = filled("explain", "C1", "--at", "2026-10-06", "--format", "json").json()
    assert told["changed_rules"] == ["job-change-not-now"]
    assert told["past"][0]["revision"] != told["past"][0]["now_revision"]
