"""Whatever stands at the journal's place, a stop is recorded, and no task leaves before somebody has looked."""

from __future__ import annotations

import pytest

from tests.hostile.case import AT, Case
from tests.hostile.conftest import Place
from tests.hostile.corpus.settings import JOURNALS


@pytest.mark.parametrize("name", ["not-json", "folder", "fifo", "endless"])
def test_a_stop_counts_though_the_journal_cannot_be_written(place: Place, name: str) -> None:
    before = place.state()
    journal = {".reengage.journal": JOURNALS[name]}
    stopped = place.meets(Case(name, ("opt-out", "B-1", "--at", AT), journal))
    after = place.state()
    assert stopped.code == 3
    assert "recorded" in stopped.err
    assert after["opt_out"].total() == before["opt_out"].total() + 1
    assert after["opted_out"].total() > before["opted_out"].total()
    exported = place.meets(Case("export", ("export", "tasks", "--to", "csv", "--at", AT)))
    assert exported.code == 3, "nothing leaves while nobody can say whether the database is whole"
