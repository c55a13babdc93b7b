"""Every hostile input: a clear answer at little cost, nobody named, and the book as it was but for good rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.figures import record
from tests.hostile.case import Case
from tests.hostile.checks import MOST_CPU, contacts_in, costs_little, is_clear, is_unchanged, names_nobody, signals_in
from tests.hostile.conftest import Place, copied
from tests.hostile.corpus import arguments, crons, csvs, files, jsons, settings, templates, yamls
from tests.hostile.people import KNOWN_BY
from tests.hostile.quick import QUICK


def check(place: Place, case: Case, most_cpu: float = MOST_CPU) -> None:
    """Let a book meet a case, and look at everything that its answer has to be."""
    before = place.state()
    answer = place.meets(case)
    costs_little(answer, most_cpu)
    is_clear(answer)
    names_nobody(answer, KNOWN_BY)
    assert answer.code in case.codes, answer
    for part in case.says:
        assert part in answer.out + answer.err, answer
    after = place.state()
    assert contacts_in(after) - contacts_in(before) == case.brings
    assert signals_in(after) - signals_in(before) == case.signals or case.moves
    if not (case.brings or case.signals or case.moves):
        is_unchanged(before, after)


CORPUS: dict[str, Sequence[Case]] = {
    "arguments": arguments.CASES,
    "crons": crons.CASES,
    "csvs": csvs.CASES,
    "files": files.CASES,
    "jsons": jsons.CASES,
    "settings": settings.CASES,
    "templates": templates.CASES,
    "yamls": yamls.CASES,
}
"""Every case, by the module that it stands in."""

BY_NAME = {f"{module}-{case}": case for module, cases in CORPUS.items() for case in cases}


def test_what_is_tried_in_every_run_exists_and_names_are_given_once() -> None:
    assert BY_NAME.keys() >= QUICK
    assert len(BY_NAME) == sum(map(len, CORPUS.values()))


@pytest.mark.parametrize("name", sorted(QUICK))
def test_a_hostile_input_is_answered(place: Place, name: str) -> None:
    """Three times the bound, since others may be at work on the machine; the lab holds all of them to the bound."""
    check(place, BY_NAME[name], 3 * MOST_CPU)


@pytest.mark.lab
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_one_is_answered_within_the_bound(place: Place, name: str) -> None:
    check(place, BY_NAME[name])


@pytest.mark.lab
@pytest.mark.parametrize("case", [*csvs.LAB, *jsons.LAB, *yamls.LAB], ids=str)
def test_the_heaviest_are_answered_too(place: Place, case: Case) -> None:
    """What takes longer only because there is so much of it; memory has the same bound."""
    check(place, case, most_cpu=60)


@pytest.mark.lab
def test_what_the_answers_cost(begun_sqlite: Place, tmp_path: Path) -> None:
    """The largest figures over the corpus; whether each is within its bound is for the other tests to say."""
    costs = []
    for number, case in enumerate(BY_NAME.values()):
        answer = copied(begun_sqlite, tmp_path / str(number)).meets(case)
        costs.append((answer.cpu, answer.memory, str(case)))
    slowest, largest = max(costs), max(costs, key=lambda one: one[1])
    record("hostile inputs", f"{len(costs)}")
    record("the most CPU that an answer took", f"{slowest[0]:.2f} s ({slowest[2]})")
    record("the most memory above the base that an answer took", f"{largest[1] / 2**20:.0f} MiB ({largest[2]})")
