"""The gate and the lock, broken in every small way, and whether a test goes red for each."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]

NEEDED = ("reengage", "tests", "rules", "connectors", "pyproject.toml")
"""What a copy has to hold for the tests below to run in it."""

PATIENCE = 120
"""Seconds one selection of tests may take; a mutant that hangs it is seen."""

OPPOSITES: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
}
SET_OPERATORS = (ast.Sub, ast.BitOr, ast.BitAnd)
OUTCOMES = ("OPTED_OUT", "EXCLUDED", "ALREADY_TASKED")
LOCKS = ("_LOCK", "_RUN_LOCK", "_ARRIVAL_LOCK")
WORDS = (
    ("pg_advisory_xact_lock_shared", "pg_advisory_xact_lock"),
    ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"),
    ("BEGIN IMMEDIATE", "BEGIN"),
    ("BEGIN", "BEGIN IMMEDIATE"),
    ("writes", "reads"),
)
"""Strings that decide something, and what each is exchanged for; the first that is found counts."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing changed in it; the name says where and what, in the code's own words."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Target:
    """Functions of a module (none: all of them) and the pytest arguments of the tests that should notice."""

    module: str
    functions: tuple[str, ...]
    suites: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return " ".join((self.module, *self.functions))

    def mutants(self) -> list[Mutant]:
        """Every mutant of it."""
        return list(mutants((ROOT / self.module).read_text(encoding="utf-8"), self.functions))

    def survivors(self, bench: Bench) -> set[str]:
        """The names of the mutants that no test notices."""
        return {one.name for one in self.mutants() if bench.survives(self.module, one, self.suites)}


def mutants(source: str, functions: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Every way to change one thing in these functions of a source (in all of them where none is named)."""
    tree, seen = ast.parse(source), Counter[str]()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and (not functions or function.name in functions):
            for what in _changed(function):
                name = f"{function.name}: {what}"
                seen[name] += 1
                yield Mutant(name if seen[name] == 1 else f"{name} #{seen[name]}", ast.unparse(tree))


def _changed(function: ast.FunctionDef) -> Iterator[str]:
    """Change one thing of a function, say what, and put it back."""
    for place in [place for statement in function.body for place in _places(statement)]:
        for new in _instead(place):
            place.put(new)
            yield f"{_shown(place.node)} -> {_shown(new)}"
            place.put(place.node)
    for body in [body for node in ast.walk(function) for body in _bodies(node)]:
        for number, statement in enumerate(body):
            if _can_go(statement):
                body[number] = ast.Pass()
                yield f"{_shown(statement)} -> nothing"
                body[number] = statement


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands in a tree."""

    node: ast.expr
    parent: ast.AST
    field: str
    put: Callable[[ast.expr], None]


def _places(parent: ast.AST) -> Iterator[_Place]:
    """Every expression below a node, but for docstrings and what only names types."""
    if _is_docstring(parent):
        return
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns"):
            continue
        if isinstance(value, list):
            found = [(number, item) for number, item in enumerate(value) if isinstance(item, ast.expr)]
            yield from (_Place(item, parent, field, partial(value.__setitem__, number)) for number, item in found)
        elif isinstance(value, ast.expr):
            yield _Place(value, parent, field, partial(setattr, parent, field))
    for child in ast.iter_child_nodes(parent):
        yield from _places(child)


def _instead(place: _Place) -> Iterator[ast.expr]:
    """What could stand in a place instead."""
    node = place.node
    if place.field == "ifs" or (place.field == "test" and isinstance(place.parent, ast.If | ast.IfExp)):
        yield from (ast.Constant(value) for value in (True, False))
    if isinstance(place.parent, ast.Return) and ast.unparse(node) != "None":
        yield ast.Constant(None)
    if isinstance(node, ast.Constant):
        yield from (ast.Constant(other) for other in _other_values(node.value))
    elif isinstance(node, ast.Name | ast.Attribute):
        yield from _other_names(node)
    else:
        yield from _other_operators(node)


def _other_operators(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left, [operator], others):
            yield from (ast.Compare(left, [other()], others) for other in OPPOSITES[type(operator)])
        case ast.BoolOp(ast.And(), values):
            yield ast.BoolOp(ast.Or(), values)
        case ast.BoolOp(ast.Or(), values):
            yield ast.BoolOp(ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.BinOp(left, operator, right) if isinstance(operator, SET_OPERATORS):
            yield from (ast.BinOp(left, other(), right) for other in SET_OPERATORS if not isinstance(operator, other))


def _other_names(node: ast.Name | ast.Attribute) -> Iterator[ast.expr]:
    match node:
        case ast.Attribute(ast.Name("Outcome") as outcome, member) if member in OUTCOMES:
            yield from (ast.Attribute(outcome, other, ast.Load()) for other in OUTCOMES if other != member)
        case ast.Name(name) if name in LOCKS:
            yield from (ast.Name(other, ast.Load()) for other in LOCKS if other != name)


def _other_values(value: object) -> Sequence[bool | int | str]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1]
        case str():
            return [value.replace(old, new) for old, new in WORDS if old in value][:1]
    return []


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        found = getattr(node, field, None)
        if isinstance(found, list):
            yield found


def _can_go(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr | ast.Raise | ast.Assign) and not _is_docstring(statement)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


class Bench:
    """A copy of the project in which a module can be exchanged and its tests run, away from the real one."""

    def __init__(self, folder: Path, root: Path = ROOT, needed: tuple[str, ...] = NEEDED) -> None:
        self.folder = folder
        for name in needed:
            copy = shutil.copytree if (root / name).is_dir() else shutil.copy2
            copy(root / name, folder / name)

    def uses_its_own(self, package: str) -> bool:
        """Whether the copy is what Python imports here, rather than an installed package."""
        told = [sys.executable, "-c", f"import {package}; print({package}.__file__)"]
        found = subprocess.run(told, cwd=self.folder, env=self._surroundings(), capture_output=True, check=True)
        return Path(found.stdout.decode().strip()).is_relative_to(self.folder)

    def survives(self, module: str, mutant: Mutant, suites: tuple[tuple[str, ...], ...]) -> bool:
        """Whether all tests stay green with this mutant in the module's place."""
        path = self.folder / module
        whole, stat = path.read_bytes(), path.stat()
        path.write_text(mutant.source, encoding="utf-8")
        try:
            return all(self.is_green(suite) for suite in suites)
        finally:
            path.write_bytes(whole)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def is_green(self, suite: tuple[str, ...]) -> bool:
        """Run a selection of tests; one that hangs is not green, and RuntimeError if there was nothing to run."""
        options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--basetemp", str(self.folder / "temp"))
        told = [sys.executable, "-m", "pytest", *options, *suite]
        with subprocess.Popen(
            told, cwd=self.folder, env=self._surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as tests:
            code = _wait(tests)
        if code not in (0, 1, 2, None):
            raise RuntimeError(f"pytest {' '.join(suite)} ended with {code}")
        return code == 0

    def _surroundings(self) -> dict[str, str]:
        """Nothing compiled is kept, so that no mutant is taken for the one before it."""
        return os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}


def _wait(tests: subprocess.Popen[bytes]) -> int | None:
    """The exit code, or None after `PATIENCE`; it is asked to end first, so that it stops its database server."""
    try:
        return tests.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        tests.send_signal(signal.SIGINT)
    try:
        tests.wait(20)
    except subprocess.TimeoutExpired:
        tests.kill()
    return None


DATABASE = "reengage/store/database.py"
WAITS = ("tests/test_mutants.py", "-k", "who_waits")
JOURNAL = ("tests/app/test_restore.py", "-k", "sqlite and (newer_stops or is_gone or always_may)")
BROKEN_JOURNAL = ("tests/hostile/test_journal.py", "-k", "folder")
RACES = (
    *("tests/app/test_race.py", "tests/app/test_interleavings.py", "-m", "not lab"),
    *("-k", "waits or (no_order and postgresql and opt-out and (evaluate or link))"),
)

TARGETS = (
    Target("reengage/gate/admit.py", (), (("tests/gate", "--noconftest"),)),
    Target(
        "reengage/app/run.py",
        ("_ask_again",),
        (("tests/app/test_run.py", "-k", "sqlite and (stop_between_judging or two_runs or made_before)"),),
    ),
    Target(
        "reengage/app/export.py",
        ("_ask_again",),
        (("tests/app/test_export.py", "-k", "sqlite and (slipped or another_channel)"),),
    ),
    Target(DATABASE, ("writing", "_locked"), (WAITS, RACES)),
    Target(DATABASE, ("deciding", "catch_up"), (WAITS, JOURNAL, BROKEN_JOURNAL, RACES)),
    Target(DATABASE, ("one_run_at_a_time", "in_order_of_arrival"), (WAITS,)),
    Target(DATABASE, ("_begin_sqlite",), (WAITS,)),
)

EXPLAINED: dict[str, dict[str, str]] = {
    DATABASE: {
        "catch_up: self.journal.is_behind(connection) -> True": "catching up writes only what the journal lacks, "
        "so asking first whether it lacks anything saves a sync and decides nothing",
    },
}
"""Mutants that no test notices, by module and name, and why none has to."""
