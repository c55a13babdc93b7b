"""What is laid aside comes back whole, in one order that does not depend on pages, and says so where there is no room."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from reengage.app import verdicts as laid_aside
from reengage.app.judge import Judged
from reengage.app.verdicts import Limit, Verdicts, pack
from reengage.engine.allocate import Load, allocate
from reengage.engine.propose import Proposal
from reengage.model.decision import Decision
from reengage.model.errors import RunFailed
from reengage.model.settings import Caps
from reengage.model.words import Outcome
from tests.engine.test_propose import proposals

SILENT = [
    Decision(contact_id=100 - n, contact_key=f"S{n}", outcome=Outcome.STOPPED, reason="stopped") for n in range(4)
]


def laid(given: Sequence[Proposal], size: int) -> Verdicts:
    """These proposals and the silent ones, so many on a page; whoever has the lower number comes first."""
    made = Verdicts()
    silent = sorted(SILENT, key=lambda one: one.contact_id)
    for start in range(0, max(len(given), len(silent)), size):
        made.add(pack(Judged(list(given[start : start + size]), silent[start : start + size][::-1], ["told"])))
    return made


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("room", [0, 2**20])
def test_everything_comes_back_in_one_order_whatever_the_pages(
    monkeypatch: pytest.MonkeyPatch, size: int, room: int
) -> None:
    monkeypatch.setattr(laid_aside, "IN_MEMORY", room or 1)
    monkeypatch.setattr(laid_aside, "AT_ONCE", 2)
    given, caps = proposals(5), Caps(open_tasks_per_account=3)
    with laid(given, size) as verdicts:
        assert verdicts.share_out(Load(), caps) == 3
        decided = [one for some in verdicts for one in some]
        again = [one for some in verdicts for one in some]
    assert decided == again == [*sorted(SILENT, key=lambda one: one.contact_id), *allocate(given, Load(), caps)]
    assert (verdicts.judged, verdicts.notices) == (9, ["told"])


def test_a_limit_keeps_back_what_goes_beyond_it_of_one_rule() -> None:
    given = proposals(4)
    rule = given[0].task.rule
    with laid(given, 2) as verdicts:
        assert verdicts.share_out(Load(), Caps(open_tasks_per_account=9), Limit(rule, 1)) == 1
        decided = [one for some in verdicts for one in some if one.outcome is not Outcome.STOPPED]
    assert [(one.outcome, one.reason) for one in decided[1:]] == [(Outcome.CAPPED, "--limit 1")] * 3
    with laid(given, 2) as verdicts:
        assert verdicts.share_out(Load(), Caps(open_tasks_per_account=9), Limit("another", 1)) == 4


def test_a_full_disk_ends_the_run_with_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laid_aside, "IN_MEMORY", 1)
    refusal = pytest.raises(RunFailed, match="no room in the folder for temporary files: File too large")
    page = pack(Judged([], SILENT))
    with Verdicts() as verdicts:
        verdicts.add(page)
        with no_file_beyond(len(page.decisions)), refusal as refused:
            verdicts.add(page)
    with no_file_beyond(100), Verdicts() as verdicts, refusal:
        verdicts.add(page)
    assert "TMPDIR" in (refused.value.help or "")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
