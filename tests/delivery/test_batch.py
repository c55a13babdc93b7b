from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.generic import CSV
from reengage.delivery.targets import TARGETS, find_target
from reengage.model.errors import UsageError
from tests.delivery.samples import DANA, RECALL

OTHER = replace(DANA, key="rx-2")


def names(batch: Batch) -> list[str]:
    return [name for name, _ in batch.files()]


def test_a_name_is_made_of_the_keys_and_not_of_their_words() -> None:
    before = names(Batch(CSV, (), (DANA, OTHER)))
    assert before == names(Batch(CSV, (), (OTHER, replace(DANA, subject="changed", crm_owner_id="u2"))))
    assert before != names(Batch(CSV, (), (DANA,)))
    assert names(Batch(CSV, (), (DANA,))) != names(Batch(CSV, (replace(RECALL, key=DANA.key),), ()))


def test_a_name_says_the_target_and_the_newest_moment_inside() -> None:
    (name,) = names(Batch(CSV, (RECALL,), (DANA,)))
    assert name.startswith("tasks-csv-20261001T090000Z-")
    assert name.endswith(".csv")


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_to_hand_over_makes_no_file(target: str) -> None:
    assert names(Batch(find_target(target), (), ())) == []


def test_an_unknown_target_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="csv, jsonl, espocrm"):
        find_target("excel")
