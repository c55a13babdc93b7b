from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reengage.language.wording import load_wording

PHRASES = load_wording(Path(__file__).parents[3] / "rules").phrases
"""The phrases of the starter rules."""

FOLDER = Path(__file__).parent / "replies"


def replies(name: str) -> Iterator[tuple[str, str]]:
    """The replies of a file, each with the heading it stands under."""
    heading = ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("#"):
            yield heading, line
