"""Words from outside, made safe to show and cut where they are too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.model.text import clean, clean_lines, clip


@given(st.text(max_size=200))
def test_no_text_begins_like_a_formula_or_holds_control_characters(text: str) -> None:
    for safe in (clean(text), clean_lines(text)):
        assert not safe.startswith(tuple("=+-@＝＋－＠\t\r\n "))
        assert "\0" not in safe
        assert "\r" not in safe
    assert "\n" not in clean(text)


@given(st.text(alphabet="ab \n,", max_size=80), st.integers(2, 60))
def test_a_cut_is_visible_and_never_inside_a_word(text: str, limit: int) -> None:
    shown = clip(text, limit)
    assert len(shown) <= limit
    if len(text) <= limit:
        assert shown == text
    else:
        assert shown.endswith("…")
        kept = shown[:-1]
        assert text.startswith(kept)
        rest = text[len(kept) :]
        assert not kept or rest[:1] in (" ", "\n", ",") or " " not in text[:limit].strip()


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "@SUM(1)", "+1+1", "-2", "\t=1", "\u202e=1", "=" * 50])
def test_formulas_lose_their_beginning(text: str) -> None:
    assert clean(text)[:1] not in ("=", "+", "-", "@")
