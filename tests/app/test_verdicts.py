"""What is laid aside comes back whole, in one order that does not depend on pages, and says so where there is no room."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from reengage.app import verdicts as handing
from reengage.app.judge import Judged
from reengage.app.verdicts import Limit, Verdicts, pack
from reengage.engine.allocate import Claim, Load, allocate
from reengage.engine.propose import Proposal
from reengage.model.decision import Decision
from reengage.model.errors import RunFailed
from reengage.model.settings import Caps
from reengage.model.words import Outcome
from reengage.store import aside
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
    monkeypatch.setattr(aside, "IN_MEMORY", room or 1)
    monkeypatch.setattr(handing, "AT_ONCE", 2)
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
    page = pack(Judged([], SILENT))
    with Verdicts() as verdicts, no_file_beyond(100):
        for _ in range(200):
            verdicts.add(page)  # in memory
    monkeypatch.setattr(aside, "IN_MEMORY", 1)
    refusal = pytest.raises(RunFailed, match="no room in the folder for temporary files: ")
    with Verdicts() as verdicts, no_file_beyond(50_000), refusal as refused:
        for _ in range(200):
            verdicts.add(page)
    assert "TMPDIR" in (refused.value.help or "")
    assert 4 < verdicts.judged < 200 * len(SILENT)
    with no_file_beyond(100), refusal, Verdicts() as verdicts:
        for _ in range(200):
            verdicts.add(page)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed under /proc on Linux only")
def test_above_what_stays_in_memory_there_is_a_file_that_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> list[str]:
        opened = (str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
        return [name for name in opened if name.endswith("(deleted)")]

    page = pack(Judged([], SILENT))
    with Verdicts() as verdicts:
        for _ in range(200):
            verdicts.add(page)
        before = nameless()
        monkeypatch.setattr(aside, "IN_MEMORY", 1)
        with Verdicts() as spilling:
            for _ in range(200):
                spilling.add(page)
            assert len(nameless()) == len(before) + 1
        assert nameless() == before


def test_claims_lie_in_their_global_order_which_is_that_of_python() -> None:
    draw = Random(5)
    letters = "aZ0é中\U0001f600\x00 ~"
    claims = [
        Claim(
            draw.randrange(3), draw.choice((0.1 + 0.2, 0.3, 1e9, -1.5)), name, "a", "A", "pat@us.example", "rule", place
        )
        for place, name in enumerate({"".join(draw.choices(letters, k=draw.randrange(1, 4))) for _ in range(300)})
    ]
    kept = aside.Aside()
    for start in range(0, len(claims), 7):
        some = claims[start : start + 7]
        kept.put(b"", [claim.moved_to(n) for n, claim in enumerate(some)], [b""] * len(some))
    assert list(kept.claims()) == sorted(claims, key=lambda claim: claim.turn)
    assert (kept.accounts(), kept.owners()) == ({"a"}, {"pat@us.example"})
    kept.close()


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
