"""That every small break of the gate and of the lock is noticed, or does no harm for a reason that is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from reengage.model.errors import RunFailed
from reengage.store.database import Database, open_database
from tests.figures import record
from tests.mutants import EXPLAINED, TARGETS, Bench, Mutant, Target, mutants

LARGER = "def larger(a, b):\n    return b if b > a else a\n"
PAIRS = ((1, 2), (2, 1), (3, 3))


def test_a_mutant_is_killed_and_a_harmless_one_survives() -> None:
    lives = {one.name: is_right(one) for one in mutants(LARGER)}
    assert len(lives) == 5
    assert [name for name, right in lives.items() if right] == ["larger: b > a -> b >= a"]


def is_right(mutant: Mutant) -> bool:
    names: dict[str, int] = {}
    checks = " and ".join(f"larger{pair} == {max(pair)}" for pair in PAIRS)
    exec(f"{mutant.source}\nright = {checks}", names)
    return bool(names["right"])


def test_a_mutant_takes_the_place_of_its_module_while_its_tests_run(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "sizes.py").write_text(LARGER)
    (tmp_path / "real" / "test_sizes.py").write_text(
        "from sizes import larger\n\ndef test_it():\n    assert larger(1, 2) == 2\n"
    )
    (tmp_path / "copy").mkdir()
    bench = Bench(tmp_path / "copy", tmp_path / "real", ("sizes.py", "test_sizes.py"))
    killed = Mutant("larger: nothing", "def larger(a, b):\n    return None\n")
    assert not bench.survives("sizes.py", killed, (("test_sizes.py",),))
    assert (bench.folder / "sizes.py").read_text() == LARGER


def test_what_is_explained_is_a_mutant_with_a_reason() -> None:
    names = {one.module: set[str]() for one in TARGETS}
    for target in TARGETS:
        names[target.module] |= {one.name for one in target.mutants()}
    assert all(set(reasons) <= names[module] for module, reasons in EXPLAINED.items())
    assert all(reason for reasons in EXPLAINED.values() for reason in reasons.values())


APART = {
    "reading": set[str](),
    "writing": {"deciding"},
    "run": {"run", "deciding"},
    "arrival": {"arrival", "deciding"},
    "deciding": {"writing", "run", "arrival", "deciding"},
}
"""Which transactions PostgreSQL makes wait for which; in SQLite everything that writes waits for its like."""


@contextmanager
def transaction(database: Database, kind: str) -> Iterator[None]:
    """One that reads, writes, is a run, hands out numbers of arrival, or decides."""
    if kind in ("reading", "deciding"):
        with getattr(database, kind)():
            yield
        return
    with database.writing() as connection:
        if kind == "run":
            database.one_run_at_a_time(connection)
        if kind == "arrival":
            database.in_order_of_arrival(connection)
        yield


def test_who_waits_for_whom(database: Database, url: str) -> None:
    other = open_database(url)
    hurry = "PRAGMA busy_timeout=20" if database.is_sqlite else "SET lock_timeout=50"
    event.listen(other.engine, "begin", lambda connection: connection.exec_driver_sql(hurry), insert=True)
    writers = APART.keys() - {"reading"}
    for first, apart in APART.items():
        with transaction(database, first):
            waiting = {second for second in APART if not lets_in(other, second)}
        assert waiting == (writers if database.is_sqlite and first in writers else apart), first
    other.close()


def lets_in(database: Database, kind: str) -> bool:
    try:
        with transaction(database, kind):
            return True
    except RunFailed as error:
        if "lock" not in str(error):
            raise
        return False


@pytest.mark.lab
@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_every_mutant_is_killed_or_explained(target: Target, tmp_path: Path) -> None:
    bench, all = Bench(tmp_path), {one.name for one in target.mutants()}
    assert bench.uses_its_own("reengage")
    assert [suite for suite in target.suites if not bench.is_green(suite)] == []
    survivors = target.survivors(bench)
    explained = EXPLAINED.get(target.module, {}).keys() & all
    killed = len(all) - len(survivors)
    record(f"mutants of {target}", f"{len(all)}: {killed} killed, {len(survivors & explained)} explained")
    assert survivors == explained
