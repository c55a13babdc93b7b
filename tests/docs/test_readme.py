"""What the README claims of columns, targets, codes and rules is what the program has."""

from __future__ import annotations

import re

import pytest

from reengage.app import judge
from reengage.app.export import TARGETS
from reengage.app.imports.activities import ACTIVITIES
from reengage.app.imports.contacts import CONTACTS
from reengage.app.imports.conversations import CONVERSATIONS
from reengage.app.imports.outcomes import OUTCOMES
from reengage.app.imports.owners import OWNERS
from reengage.app.imports.sheet import Kind
from reengage.app.imports.stops import OPT_OUTS
from reengage.engine.propose import Playbook
from reengage.model.errors import ReengageError, RunFailed, UsageError
from reengage.model.settings import Settings
from tests.docs.pages import README, in_code, tables, text_of

KINDS = (CONTACTS, OWNERS, CONVERSATIONS, OPT_OUTS, OUTCOMES, ACTIVITIES)


def test_it_stays_short_and_begins_with_the_two_commands() -> None:
    lines = text_of(README).splitlines()
    assert len(lines) <= 350
    first_screen = "\n".join(lines[:40])
    assert "make demo" in first_screen
    assert "make test" in first_screen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_columns_of_every_kind_of_file_are_listed(kind: Kind) -> None:
    (cell,) = (row[1] for row in tables(README, "kind") if in_code(row[0]) == [kind.name])
    assert tuple(in_code(cell)) == kind.columns
    assert tuple(re.findall(r"\*\*`([^`]+)`\*\*", cell)) == kind.required


def test_every_kind_of_file_and_every_target_has_a_row() -> None:
    assert [in_code(row[0])[0] for row in tables(README, "kind")] == [kind.name for kind in KINDS]
    assert [in_code(row[0])[0] for row in tables(README, "`--to`")] == list(TARGETS)


def test_the_exit_codes_are_those_of_the_errors() -> None:
    text = " ".join(text_of(README).split())
    told = dict(re.findall(r"\*\*(\d)\*\* ([a-z ]+)", text[text.index("Exit codes:") :]))
    assert told["0"] == "fine"
    assert told[str(ReengageError.exit_code)] == "problems found "
    assert told[str(UsageError.exit_code)] == "wrong usage"
    assert told[str(RunFailed.exit_code)].startswith("the work could not be done")
    assert len(told) == 4


def test_without_the_second_engine_a_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "available", lambda: False)
    with judge.Judge(Playbook((), Settings(), {}, {})) as alone:
        assert alone.matchers == ("plain",)
        assert "the plain matcher judged alone" in alone.result.notices[0]
