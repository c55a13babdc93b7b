"""Good files, damaged at random: each is read or explained, at once, and never ends in a traceback."""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import yaml

from reengage.language import yamlfile
from reengage.language.diagnostic import render
from reengage.language.ruleset import TABLES, assemble
from tests.engine.chance import OWN
from tests.figures import record

ROOT = Path(__file__).parents[2]
MOST_SECONDS, MOST_BYTES = 1.0, 100 * 1024 * 1024
"""CPU time for one file, and how much the process may grow over all of them."""

NAMED = [(ROOT / "rules" / f"{table}.yaml") for table in TABLES]
SCRAPS = (
    *("&a ", "*a", "!!python/object:os.system ", "<<: ", "---\n", "...\n", "%YAML 9\n", "? ", "- ", ": ", "\t", "\x00"),
    *("\ufeff", "\u202e", "\ud7ff", "𝄞", "no", "on", "12:30", "0x1F", "1e999", "-0", "~", "null", "''", '"', "{", "}"),
    *("[", "]", "|", ">", "#", "{contact.first_name}", "{{", "}}", "at_least", "opted_out", "within", "any:", "all:"),
)


def pieces() -> list[str]:
    """Each starter rule, each test and the good examples, as small files of their own."""
    found = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "language" / "ok").glob("*.yaml"))]
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        if path.stem in TABLES:
            continue
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        for top in ("rules", "tests"):
            found += [yaml.safe_dump({top: [item]}, sort_keys=False, allow_unicode=True) for item in held.get(top, ())]
    return found


def damaged(dice: Random, text: str) -> bytes:
    """The text with one to three wounds."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        text = dice.choice((cut, doubled, strewn, swapped, moved, dug, dug, dug, dug))(dice, text)
    raw = text.encode("utf-8", "surrogatepass")
    if raw and dice.random() < 0.1:
        place = dice.randrange(len(raw))
        raw = raw[:place] + bytes([dice.randrange(256)]) + raw[place + 1 :]
    return raw


def _span(dice: Random, text: str, longest: int = 40) -> tuple[int, int]:
    start = dice.randrange(len(text) + 1)
    return start, min(len(text), start + dice.randrange(longest))


def cut(dice: Random, text: str) -> str:
    start, end = _span(dice, text)
    return text[:start] + text[end:]


def doubled(dice: Random, text: str) -> str:
    start, end = _span(dice, text, 200)
    return text[:end] + text[start:end] * dice.choice((1, 1, 30)) + text[end:]


def strewn(dice: Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    return text[:place] + dice.choice(SCRAPS) * dice.choice((1, 1, 1, 50)) + text[place:]


def swapped(dice: Random, text: str) -> str:
    lines = text.split("\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def moved(dice: Random, text: str) -> str:
    lines = text.split("\n")
    place = dice.randrange(len(lines))
    lines[place] = " " * dice.randrange(8) + lines[place].lstrip()
    return "\n".join(lines)


def dug(dice: Random, text: str) -> str:
    """One word taken from another place."""
    words = text.split(" ")
    words[dice.randrange(len(words))] = dice.choice(words)
    return " ".join(words)


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=pytest.mark.lab)])
def test_whatever_becomes_of_a_good_file_it_is_read_or_explained(count: int) -> None:
    dice, good = Random(count), pieces()
    tables = [yamlfile.read(path.read_bytes(), f"rules/{path.name}") for path in NAMED]
    names: Counter[str] = Counter()
    longest, before = 0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(count):
        raw = damaged(dice, dice.choice(good))
        began = time.process_time()
        document = yamlfile.read(raw, "rules/damaged.yaml")
        found = assemble([*tables, document], "rules", OWN).diagnostics
        said = render(found)
        longest = max(longest, time.process_time() - began)
        assert "Traceback" not in said
        assert all(one.position.line >= 1 and one.position.column >= 1 for one in found), raw
        names.update({one.check for one in found if one.severity == "error"} or {"none"})
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    record(f"damaged rule files, of {count:,}", f"{longest * 1000:.0f} ms at most, {grown / 2**20:.0f} MiB, {names}")
    assert longest < MOST_SECONDS
    assert grown < MOST_BYTES
    assert 0.02 < names["none"] / count < 0.8, "damage that is too slight or too great shows nothing"
    assert len(names) > 10, names
