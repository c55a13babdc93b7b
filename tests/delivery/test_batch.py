from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.generic import CSV
from reengage.delivery.hubspot import HUBSPOT
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


def limited(target: str, **limits: Any) -> list[tuple[str, bytes]]:
    """Five tasks for a target of which a file holds no more than this."""
    chosen = find_target(target)
    small = replace(chosen, tasks=replace(chosen.tasks, **limits))
    tasks = tuple(replace(DANA, key=f"rx-{number}") for number in range(5))
    return [(name, b"".join(content)) for name, content in Batch(small, (), tasks).files()]


@pytest.mark.parametrize(("rows", "filled"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (6, [5])])
def test_more_rows_than_a_file_takes_go_to_further_files(rows: int, filled: list[int]) -> None:
    files = limited("hubspot", rows=rows)
    assert [content.count(b"[reengage:rx-") for _, content in files] == filled
    assert {content.splitlines()[0] for _, content in files} == {",".join(HUBSPOT.tasks.columns).encode()}
    assert len({name for name, _ in files}) == len(filled)
    assert sorted(name for name, _ in files) == [name for name, _ in files]


@pytest.mark.parametrize("size", [1, 560, 840, 1600])
def test_more_bytes_than_a_file_takes_go_to_further_files(size: int) -> None:
    files = limited("hubspot", size=size)
    assert sum(content.count(b"[reengage:rx-") for _, content in files) == 5
    assert [content for _, content in files if len(content) > size and content.count(b"[reengage:rx-") > 1] == []
    assert len(files) == {1: 5, 560: 3, 840: 2, 1600: 1}[size]


@pytest.mark.parametrize(
    ("target", "rows", "size"),
    [("salesforce", None, 100_000_000), ("hubspot", 1_048_576, 20_000_000), ("pipedrive", 50_000, 50_000_000)],
)
def test_a_file_is_no_larger_than_the_vendor_says(target: str, rows: int | None, size: int) -> None:
    for sheet in (find_target(target).tasks, find_target(target).recalls):
        assert (sheet.rows, sheet.size) == (rows, size)


def test_an_unknown_target_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="csv, jsonl, espocrm, odoo, salesforce, hubspot, pipedrive"):
        find_target("excel")
