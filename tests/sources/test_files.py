"""Which files are read, and which never."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.language.tree import Position
from reengage.model.errors import ReengageError
from reengage.sources.connector import Connector
from reengage.sources.files import files_of


def connector(path: str) -> Connector:
    return Connector("x", "csv", Position("connectors/x.yaml", 1, 1), path=path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "signals" / "deep").mkdir(parents=True)
    for name in ("b.csv", "a.csv", ".c.csv", "d.txt", "deep/e.csv"):
        (folder / "signals" / name).write_text("x")
    (folder / "signals" / "folder.csv").mkdir()
    (tmp_path / "secret.csv").write_text("x")
    return folder


def names(project: Path, path: str) -> list[str]:
    return [str(found.relative_to(project)) for found in files_of(connector(path), project)]


def test_files_come_in_the_order_of_their_names(project: Path) -> None:
    assert names(project, "signals/*.csv") == ["signals/a.csv", "signals/b.csv"]
    assert names(project, "signals/**/*.csv") == ["signals/a.csv", "signals/b.csv", "signals/deep/e.csv"]
    assert names(project, "signals/a.csv") == ["signals/a.csv"]
    assert names(project, "nowhere/*.csv") == []


@pytest.mark.parametrize("path", ["", "../secret.csv", "signals/../../secret.csv", "/etc/passwd", "~/x", "a\0b"])
def test_a_path_out_of_the_project_is_refused(project: Path, path: str) -> None:
    with pytest.raises(ReengageError) as refused:
        files_of(connector(path), project)
    assert refused.value.where == "connectors/x.yaml:1:1"


@pytest.mark.parametrize(("link", "target"), [("signals/z.csv", "secret.csv"), ("signals/out", "")])
def test_a_link_out_of_the_project_is_refused(project: Path, link: str, target: str) -> None:
    (project / link).symlink_to(project.parent / target)
    with pytest.raises(ReengageError, match="a link to a file outside the project"):
        files_of(connector("signals/z.csv" if target else "signals/out/*.csv"), project)


def test_a_link_within_the_project_is_followed(project: Path) -> None:
    (project / "signals" / "z.csv").symlink_to(project / "signals" / "a.csv")
    (project / "signals" / "broken.csv").symlink_to(project / "signals" / "gone.csv")
    assert names(project, "signals/*.csv") == ["signals/a.csv", "signals/b.csv", "signals/z.csv"]
