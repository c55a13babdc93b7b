"""What a page points to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, blocks, text_of, words_in_code
from tests.examples.play import ROOT

WRITTEN_BY_READERS = {block.name for page in PAGES for block in blocks(page) if block.name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_of_the_repository_exists(page: Path) -> None:
    for word in words_in_code(page):
        if re.fullmatch(r"[\w.*-]+/[\w./*-]*", word) and word not in WRITTEN_BY_READERS:
            homes = [home for home in (ROOT, ROOT / "reengage") if (home / word.split("/")[0]).exists()]
            assert not homes or any(any(home.glob(word.rstrip("/"))) for home in homes), f"{page}: {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(page)):
        assert target.startswith("https://") or (page.parent / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_fence_is_closed_and_says_its_language(page: Path) -> None:
    assert text_of(page).count("```") == 2 * len(blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_of_prose_fit(page: Path) -> None:
    in_blocks = {line for block in blocks(page) for line in block.text.splitlines()}
    long = [line for line in text_of(page).splitlines() if len(line) > 120 and not line.startswith("|")]
    assert set(long) <= in_blocks
