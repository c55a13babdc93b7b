"""Every rule engine that is installed says the same as a plain loop, and the plain loop finds something to say."""

from __future__ import annotations

import pytest

from bench.book import Book
from bench.peers import PEERS, Peer
from bench.rows import Row, plainly, rows_of
from bench.rulebook import asked

RULES = asked(50)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    heard = list(rows_of(Book(1_500, 1_500, large_account=20)))
    return [*heard[::6], *(row for row in heard if row["kind"] in ("snooze_ended", "contract_renewal"))]


def test_rules_of_every_form_fire(rows: list[Row]) -> None:
    fired = frozenset[str]().union(*plainly(RULES)(rows))
    assert {rule.kind for rule in RULES if rule.id in fired} == {rule.kind for rule in RULES}
    assert any(not some for some in plainly(RULES)(rows))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_says_the_same_as_the_plain_loop(peer: Peer, rows: list[Row]) -> None:
    if not peer.installed:
        pytest.skip(f"{peer.module} is not installed: pip install -r requirements/bench.txt")
    assert peer.start(RULES)(rows) == plainly(RULES)(rows)
