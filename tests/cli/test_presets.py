"""`reengage import --preset`: what it takes, shows and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Reengage

EXPORTS = Path(__file__).parents[1] / "app" / "exports"


def test_the_help_lists_the_presets_and_an_example(project: Path, reengage: Reengage) -> None:
    shown = reengage("import", "contacts", "--help").out
    assert "hubspot|salesforce|pipedrive|espocrm|odoo" in shown
    assert "--preset hubspot" in shown


@pytest.mark.parametrize("name", ["hubspot", "salesforce", "pipedrive", "espocrm", "odoo"])
def test_a_whole_export_is_taken_in(project: Path, reengage: Reengage, name: str) -> None:
    for kind in ("owners", "contacts"):
        ran = reengage("import", kind, EXPORTS / f"{name}-{kind}.csv", "--preset", name, "--format", "json")
        assert (ran.code, ran.json()["bad"]) == (0, [])
    shown = reengage("import", "contacts", EXPORTS / f"{name}-contacts.csv", "--preset", name).out
    assert ", 0 new or changed" in shown
    assert ("left out: companies, not people" in shown) is (name == "odoo")


def test_what_a_preset_does_not_go_with(project: Path, reengage: Reengage) -> None:
    (project / "some.csv").write_text("email\ndana@initech.example\n", encoding="utf-8")
    ran = reengage("import", "opt-outs", "some.csv", "--preset", "hubspot")
    assert ran.code == 2
    assert "--preset goes with contacts, owners, outcomes" in ran.err
    assert reengage("import", "contacts", "some.csv", "--preset", "zoho").code == 2


def test_flags_of_a_product_count_as_heard_from_a_source(project: Path, reengage: Reengage) -> None:
    settings = project / "reengage.toml"
    text = settings.read_text(encoding="utf-8").replace(
        "[opt_outs.from]\n", '[opt_outs.from]\ncrm = {every = "1 day"}\n'
    )
    settings.write_text(text, encoding="utf-8")
    file = EXPORTS / "hubspot-contacts.csv"
    assert reengage("import", "contacts", file, "--preset", "hubspot", "--source", "crm").code == 0
    (project / "none.csv").write_text("Record ID,Email\n1,dana@initech.example\n", encoding="utf-8")
    ran = reengage("import", "contacts", "none.csv", "--preset", "hubspot", "--source", "crm")
    assert ran.code == 1
    assert "no column says who has opted out" in ran.err


def test_a_long_list_of_strange_columns_is_cut(project: Path, reengage: Reengage) -> None:
    strange = [f"Property {number}" for number in range(14)]
    rows = [",".join(["Record ID", "Email", *strange]), "1,dana@initech.example" + "," * 14]
    (project / "wide.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    shown = reengage("import", "contacts", "wide.csv", "--preset", "hubspot").out
    assert "Property 9, … and 4 more" in " ".join(shown.split())
