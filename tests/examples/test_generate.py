"""The committed sample book is what the generator writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.examples.play import BOOK, ROOT

BY_HAND = {Path("README.md"), Path("reengage.toml")}


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_book_is_what_the_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "examples" / "generate.py", tmp_path], check=True)
    committed = {path: content for path, content in files_of(BOOK).items() if path not in BY_HAND}
    assert files_of(tmp_path) == committed


def test_every_address_is_an_example() -> None:
    hosts = {
        word.rpartition("@")[2]
        for path, content in files_of(BOOK).items()
        if path not in BY_HAND
        for word in content.decode().replace('"', ",").replace("\n", ",").split(",")
        if "@" in word
    }
    assert hosts and all(host.endswith(".example") for host in hosts)
