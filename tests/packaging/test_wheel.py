"""What is built is what is used: the wheel, installed elsewhere, starts a project of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reengage.language.schema import rule_schema
from reengage.sources.schema import connector_schema

ROOT = Path(__file__).parents[2]


def run(*command: object, cwd: Path, path: Path | None = None) -> str:
    """Run a command outside the checkout; returns what it printed."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "NO_COLOR": "1"}
    if path:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, in a folder that has nothing to do with the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    name = run(sys.executable, "-c", build, folder, cwd=ROOT).strip().splitlines()[-1]
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_starts_a_project_in_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    where = run(sys.executable, "-c", "import reengage; print(reengage.__file__)", cwd=tmp_path, path=unpacked)
    assert where.startswith(str(unpacked))
    run(sys.executable, "-m", "reengage", "init", "mine", cwd=tmp_path, path=unpacked)
    project = tmp_path / "mine"
    assert "0 failed" in run(sys.executable, "-m", "reengage", "test", cwd=project, path=unpacked)
    assert "0 errors" in run(sys.executable, "-m", "reengage", "check", cwd=project, path=unpacked)


def test_the_starter_of_the_wheel_is_the_checkouts(unpacked: Path) -> None:
    for name in ("rules", "connectors"):
        shipped = {
            path.relative_to(unpacked / "reengage" / "_starter")
            for path in (unpacked / "reengage" / "_starter" / name).rglob("*.yaml")
        }
        assert shipped == {path.relative_to(ROOT) for path in (ROOT / name).rglob("*.yaml")}
        for path in shipped:
            assert (unpacked / "reengage" / "_starter" / path).read_bytes() == (ROOT / path).read_bytes()


def test_the_wheel_brings_one_package_and_its_licence(unpacked: Path) -> None:
    assert sorted(path.name for path in unpacked.iterdir() if path.suffix != ".dist-info") == ["reengage"]
    assert list(unpacked.glob("*.dist-info/licenses/LICENSE"))
    assert (unpacked / "reengage" / "py.typed").exists()


def test_no_file_names_a_package_index() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    files = [ROOT / name.decode() for name in listed if name and (ROOT / name.decode()).is_file()]
    named = ("--index-url", "--extra-index-url", "--find-links")
    offending = [
        path.name
        for path in files
        if path.name != Path(__file__).name and any(word in path.read_text("utf-8", "replace") for word in named)
    ]
    assert offending == []


def test_the_schemas_of_the_checkout_are_those_of_the_models() -> None:
    for name, schema in (("rules", rule_schema()), ("connectors", connector_schema())):
        written = json.loads((ROOT / "schema" / f"{name}.json").read_text(encoding="utf-8"))
        assert written == schema, f"run: reengage schema {name} --write"
