"""An editor with Red Hat's YAML server knows the words of a rule, underlines a wrong one, and leaves right ones alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reengage.app import starter
from reengage.language.meanings import OF_CONTACTS
from reengage.model.facts import STANDARD
from reengage.sources.connectors import load_connectors
from tests.editors.server import LanguageServer
from tests.engine.chance import OWN
from tests.examples.play import ROOT

HERE = Path(__file__).parent
MODELINE = "# yaml-language-server: $schema=../schema/rules.json\n"
RULE = """rules:
  - id: new-role
    who:
      said: not_now
      SEE HERE
    when: promotion
    then:
      create_task: {subject: A new role}
"""
LINE = RULE.splitlines().index("      SEE HERE") + 1
CONNECTORS = (
    "name: visits\nkind: csv\npath: visits/*.csv\nsignal: visit\noccurred_at: Day\n"
    "map: {domain: Domain, vendor.weblog: Id, facts.page: Page}\n",
    "name: uses\nkind: csv\npath: uses/*.csv\ncsv: {encoding: cp1252, delimiter: tab, header: false, columns: [Day, Email]}\n"
    "declares: {usage: {seats: number, plan: [free, 2024]}}\nsignal: usage\noccurred_at: Day\nid: Email\nmax_bad_ratio: 0.5\n"
    "date_formats: '%d.%m.%Y'\nrequire: email\nmap: {email: Email, facts.seats: Seats}\n",
    "name: calls\nkind: jsonl\npath: calls/*.jsonl\n",
    "name: mornings\nkind: timer\nsignal: timer\ncron: 0 7 * * mon-fri\nfacts: {name: morning}\n",
)
OK = sorted((ROOT / "tests" / "language" / "ok").glob("*.yaml"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server of the pinned version, installed into a folder of its own."""
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("editors")
    if npm is None or shutil.which("node") is None:
        pytest.skip("the YAML language server needs node and npm, which are not on this machine")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules" / ".bin" / "yaml-language-server"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    starter.init(tmp_path / "project")
    return tmp_path / "project"


def settings_of(project: Path) -> dict[str, Any]:
    settings = json.loads((project / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    return {**settings, "yaml.schemaStore.enable": False}


@pytest.fixture(params=["settings", "first line"])
def way(request: pytest.FixtureRequest) -> str:
    """How the editor learns of the schema: from the settings of the project, or from the file itself."""
    return str(request.param)


@pytest.fixture
def editor(program: Path, project: Path, way: str) -> Iterator[LanguageServer]:
    settings = settings_of(project) if way == "settings" else {"yaml.schemaStore.enable": False}
    server = LanguageServer.start(program, project, settings)
    yield server
    server.stop()


def written(project: Path, way: str, line: str) -> tuple[Path, int]:
    """A rule file with this line under `who`, and the number of that line."""
    head = MODELINE if way == "first line" else ""
    (project / "rules" / "mine.yaml").write_text(head + RULE.replace("SEE HERE", line), encoding="utf-8")
    return project / "rules" / "mine.yaml", LINE + bool(head)


@pytest.mark.lab
def test_it_offers_the_words_of_who(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "")
    editor.open(file)
    offered = editor.complete(file, line, 7)
    assert {"category", "held_for", "any"} <= offered
    assert not offered & {"last_contacted", "opted_out", "subject"}


@pytest.mark.lab
def test_it_offers_said_where_nothing_stands_yet(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "")
    file.write_text(file.read_text(encoding="utf-8").replace("      said: not_now\n", ""), encoding="utf-8")
    editor.open(file)
    assert "said" in editor.complete(file, line - 1, 7)


@pytest.mark.lab
def test_it_offers_the_answers_a_contact_can_give_but_no_stop(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "")
    file.write_text(file.read_text(encoding="utf-8").replace("said: not_now", "said: "), encoding="utf-8")
    editor.open(file)
    offered = editor.complete(file, line - 1, 13)
    assert {"not_now", "no_budget"} <= offered
    assert not offered & {"stop_emailing", "unsubscribe"}


@pytest.mark.lab
def test_it_offers_every_signal_and_both_lists(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "")
    file.write_text(file.read_text(encoding="utf-8").replace("when: promotion", "when:\n      "), encoding="utf-8")
    editor.open(file)
    assert {*STANDARD.rule_kinds, "any", "all"} <= editor.complete(file, line + 2, 7)


@pytest.mark.lab
def test_it_says_what_a_word_is_for(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "held_for: {at_least: 30 days}")
    assert editor.open(file) == []
    assert OF_CONTACTS["held_for"] in editor.hover(file, line, 9)


@pytest.mark.lab
@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("said: not_now", "said: not_nw", "Value is not accepted"),
        ("when: promotion", "when: {promotion: {}, visit: {page: /pricing}}", "more properties than limit of 1"),
        ("when: promotion", "when: {any: [visit], all: [intent]}", "Property all is not allowed"),
        ("when: promotion", "when: {any: []}", "too few items"),
        ("when: promotion", "when: {visit: {within: 45d}}", "write days, weeks, months or years"),
        ("then:\n      create_task: {subject: A new role}", "then: 5", 'Expected "then"'),
    ],
)
def test_it_says_what_is_wrong_in_our_words(
    editor: LanguageServer, project: Path, way: str, right: str, wrong: str, says: str
) -> None:
    file, _ = written(project, way, "")
    file.write_text(file.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    (found,) = editor.open(file)
    assert says in found["message"]


@pytest.mark.lab
def test_it_underlines_an_unknown_key(editor: LanguageServer, project: Path, way: str) -> None:
    file, line = written(project, way, "heldfor: {at_least: 30 days}")
    (found,) = editor.open(file)
    assert found["range"]["start"] == {"line": line - 1, "character": 6}
    assert "heldfor" in found["message"]


@pytest.mark.lab
def test_what_check_accepts_it_does_not_underline(program: Path, project: Path) -> None:
    starter.write_rule_schema(project, OWN)
    for file in OK:
        shutil.copy(file, project / "rules" / f"ok-{file.name}")
    server = LanguageServer.start(program, project, settings_of(project))
    try:
        found = {file.name: server.open(file) for file in sorted((project / "rules").glob("*.yaml"))}
    finally:
        server.stop()
    assert len(found) > len(OK)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.fixture
def in_project(program: Path, project: Path) -> Iterator[LanguageServer]:
    server = LanguageServer.start(program, project, settings_of(project))
    yield server
    server.stop()


@pytest.mark.lab
def test_a_connector_that_check_accepts_is_not_underlined(in_project: LanguageServer, project: Path) -> None:
    files = sorted((project / "connectors").glob("*.yaml"))
    for number, text in enumerate(CONNECTORS):
        files.append(project / "connectors" / f"ok-{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    assert load_connectors(project / "connectors")[1] == ()
    assert {file.name: in_project.open(file) for file in files} == {file.name: [] for file in files}


@pytest.mark.lab
@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("signal: visit", "signal: vist", "Value is not accepted"),
        ("facts.page", "facts.pag", "Property facts.pag is not allowed"),
        ("path: visits/*.csv\n", "", 'Missing property "path"'),
        ("kind: csv", "kind: timer", "not allowed"),
    ],
)
def test_it_underlines_what_is_wrong_in_a_connector(
    in_project: LanguageServer, project: Path, right: str, wrong: str, says: str
) -> None:
    file = project / "connectors" / "mine.yaml"
    file.write_text(CONNECTORS[0].replace(right, wrong), encoding="utf-8")
    found = in_project.open(file)
    assert says in " ".join(one["message"] for one in found)


@pytest.mark.lab
def test_it_offers_the_targets_of_a_map(in_project: LanguageServer, project: Path) -> None:
    file = project / "connectors" / "mine.yaml"
    file.write_text(f"{CONNECTORS[0].partition('map:')[0]}map:\n  \n", encoding="utf-8")
    in_project.open(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert {"email", "domain", "facts.page"} <= in_project.complete(file, len(lines), 3)
