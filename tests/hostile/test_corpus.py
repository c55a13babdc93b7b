"""Every hostile input: a clear answer at little cost, nobody named, and the book as it was but for good rows."""

from __future__ import annotations

import pytest

from tests.hostile.case import Case
from tests.hostile.checks import contacts_in, costs_little, is_clear, is_unchanged, names_nobody, signals_in
from tests.hostile.conftest import Place
from tests.hostile.corpus import arguments, crons, csvs, files, jsons, settings, templates, yamls
from tests.hostile.people import KNOWN_BY


def check(place: Place, case: Case) -> None:
    """Let a book meet a case, and look at everything that its answer has to be."""
    before = place.state()
    answer = place.meets(case)
    costs_little(answer)
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


@pytest.mark.parametrize("case", crons.CASES, ids=str)
def test_schedules(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", yamls.CASES, ids=str)
def test_yaml(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", templates.CASES, ids=str)
def test_templates(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", jsons.CASES, ids=str)
def test_json_lines(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", csvs.CASES, ids=str)
def test_csv(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", settings.CASES, ids=str)
def test_settings(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", files.CASES, ids=str)
def test_files(place: Place, case: Case) -> None:
    check(place, case)


@pytest.mark.parametrize("case", arguments.CASES, ids=str)
def test_arguments(place: Place, case: Case) -> None:
    check(place, case)
