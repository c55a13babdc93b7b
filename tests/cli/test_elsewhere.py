"""Sources of stops as a person meets them: an option of `import`, a notice of `run`, a line of `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Reengage

STOPS = "email\ndana@initech.example\n"


@pytest.fixture
def sourced(project: Path) -> Path:
    """A project with one source that refuses while it is overdue."""
    file = project / "reengage.toml"
    lines = file.read_text(encoding="utf-8").replace(
        "[import.columns]", 'mailchimp = {every = "1 day", when_stale = "refuse"}\n\n[import.columns]'
    )
    file.write_text(lines, encoding="utf-8")
    (project / "stops.csv").write_text(STOPS, encoding="utf-8")
    (project / "contacts.csv").write_text("contact_id,email\nC1,dana@initech.example\n", encoding="utf-8")
    return project


def test_the_way_of_a_source_from_silence_to_a_run(sourced: Path, reengage: Reengage) -> None:
    assert reengage("import", "contacts", "contacts.csv").code == 0
    doctor = reengage("doctor")
    assert (doctor.code, "WARN stops from mailchimp: never heard" in doctor.out) == (0, True)
    dry = reengage("run", "--dry-run", "--format", "json")
    assert (dry.code, "stops from mailchimp" in dry.json()["notices"][0]) == (0, True)
    for command in (("run",), ("run", "--if-due"), ("export", "tasks", "--to", "csv")):
        refused = reengage(*command)
        assert (refused.code, "stops from mailchimp: never heard" in refused.err) == (1, True)
    assert reengage("import", "opt-outs", "stops.csv", "--source", "mailchimp").code == 0
    assert "ok   stops from mailchimp: last heard 2026-10-05 13:00, promises 1 day" in reengage("doctor").out
    assert not [one for one in reengage("run", "--format", "json").json()["notices"] if "stops from" in one]
    assert reengage("export", "tasks", "--to", "csv").code == 0


def test_a_source_that_is_not_there_takes_nothing_in(sourced: Path, reengage: Reengage) -> None:
    wrong = reengage("import", "opt-outs", "stops.csv", "--source", "hubspot")
    assert (wrong.code, 'no source of stops is called "hubspot"' in wrong.err) == (2, True)
    assert not (sourced / "reengage.db").exists()
    misplaced = reengage("import", "owners", "contacts.csv", "--source", "mailchimp")
    assert (misplaced.code, "--source goes with opt-outs" in misplaced.err) == (2, True)


def test_the_commented_examples_of_a_new_project_are_right(project: Path, reengage: Reengage) -> None:
    file = project / "reengage.toml"
    lines = file.read_text(encoding="utf-8").replace("# mailchimp", "mailchimp").replace("# hubspot", "hubspot")
    file.write_text(lines, encoding="utf-8")
    doctor = reengage("doctor")
    assert (doctor.code, 'no connector is called "hubspot_stops"' in doctor.out) == (1, True)
