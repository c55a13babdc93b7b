"""How well replies are read that neither phrases nor examples were made from: `pytest -m lab tests/intake/reading/test_heldout.py`.

Both files were written by people who saw neither: `heldout/plain.jsonl` as an inbox has it, with a hundred answers that
speak of stopping and are no stops; `heldout/odd.jsonl` in as many odd ways as came to mind. Whoever mends a phrase by
what is found here spends them: write new ones then.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from reengage.intake.mail.quoted import own_words
from reengage.intake.reading.likeness import learn
from reengage.intake.reading.reader import Reader
from reengage.intake.reading.understand import When
from reengage.intake.verdict import ACT_FROM
from reengage.language.wording import load_wording
from reengage.model.words import STOPS
from tests.figures import record

HERE = Path(__file__).parent
WORDING = load_wording(HERE.parents[2] / "rules")
WHEN = When(date(2026, 11, 1))


@pytest.mark.lab
@pytest.mark.parametrize(("kind", "least_recall", "least_precision"), [("plain", 0.99, 0.9), ("odd", 0.88, 0.8)])
def test_replies_that_nobody_looked_at(kind: str, least_recall: float, least_precision: float) -> None:
    lines = (HERE / "heldout" / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    reader = Reader.of(WORDING)
    found = [(row["label"], reader.read(own_words(row["words"]), WHEN)) for row in rows]
    caught = Counter((label in STOPS, one.doubtful_stop or one.response in STOPS) for label, one in found)
    sure = sum(label in STOPS and not one.doubtful_stop and one.response in STOPS for label, one in found)
    acted = [(label, one) for label, one in found if one.certainty >= ACT_FROM and one.response not in STOPS]
    right = sum(one.left_company if label == "left_company" else one.response == label for label, one in acted)
    recall = caught[True, True] / (caught[True, True] + caught[True, False])
    precision = caught[True, True] / (caught[True, True] + caught[False, True])
    stops = caught[True, True] + caught[True, False]
    told = f"recall {recall:.3f} of {stops} ({sure} sure), precision {precision:.3f}"
    record(f"stops in {kind} replies not seen before", told)
    record(f"other {kind} answers acted on without asking", f"{len(acted)} of {len(rows) - stops}, {right} rightly")
    assert recall >= least_recall
    assert precision >= least_precision


@pytest.mark.lab
def test_examples_by_likeness_to_the_others_alone_and_phrases() -> None:
    """Five-fold: each fifth of the examples is read with the four others; the phrases were written without them."""
    found: Counter[tuple[bool, bool]] = Counter()
    for fold in range(5):
        others = tuple(one for place, one in enumerate(WORDING.examples) if place % 5 != fold)
        reader = Reader(WORDING.phrases, learn(others))
        for one in WORDING.examples[fold::5]:
            reading = reader.read(one.words, WHEN)
            found[one.answer in STOPS, reading.doubtful_stop or reading.response in STOPS] += 1
    recall = found[True, True] / (found[True, True] + found[True, False])
    precision = found[True, True] / (found[True, True] + found[False, True])
    record("stops in the examples, five-fold", f"recall {recall:.3f}, precision {precision:.3f} of {found.total()}")
    assert recall > 0.9
    assert precision > 0.75
