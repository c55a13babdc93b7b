"""Incidents of second ways: another path that writes or sends, and another that takes a stop away."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import FunctionType
from typing import Any

import pytest
import typer
from sqlalchemy import text

import reengage.app
from reengage.app.consent import Evidence, allow_again
from reengage.app.imports.contacts import CONTACTS
from reengage.app.imports.conversations import CONVERSATIONS
from reengage.app.imports.outcomes import OUTCOMES
from reengage.app.imports.stops import OPT_OUTS
from reengage.cli.commands import app
from reengage.model.errors import RunFailed, UsageError
from reengage.store.columns import TaskRow
from reengage.store.schema import REFUSAL, missing_triggers
from tests.app.story import ROOT
from tests.scenarios.book import DAY, EVERYTHING, NOW, Book, people_of

Place = tuple[str, str]
"""(module, function)."""


@dataclass(frozen=True)
class Call:
    """A call in the source, the innermost function that it stands in, and what short names mean there."""

    place: Place
    node: ast.Call
    short: Mapping[str, str]

    @property
    def name(self) -> str:
        """The last part of what is called."""
        return name_of(self.node.func)

    def takes(self, row: str) -> bool:
        """Whether it is given this class, also under a shorter name, or makes one."""
        names = [name_of(argument) for argument in self.node.args]
        return row in (self.name, *names, *(self.short.get(name) for name in names))


def name_of(node: ast.AST) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def calls_in(source: str, module: str) -> Iterator[Call]:
    """Every call in a module."""

    def walk(node: ast.AST, inside: str, short: Mapping[str, str]) -> Iterator[Call]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield Call((module, inside), child, short)
            if isinstance(child, ast.FunctionDef):
                yield from walk(child, child.name, dict(shortened(child)))
            else:
                yield from walk(child, inside, short)

    yield from walk(ast.parse(source), "(module)", {})


def shortened(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The names that a function gives to other names: `row, kept = t.TaskRow, t.EvidenceRow`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from zip(map(name_of, names), map(name_of, values), strict=False)


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    """Every call in the package."""
    folder = ROOT / "reengage"
    modules = {path: ".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("*.py")}
    return [one for path, name in modules.items() for one in calls_in(path.read_text(encoding="utf-8"), name)]


def callers(calls: Iterable[Call], what: str) -> set[Place]:
    """Who calls something of this name, with or without its module before it."""
    last = what.rpartition(".")[2]
    return {one.place for one in calls if one.name == last and ast.unparse(one.node.func).endswith(what)}


def writers(calls: Iterable[Call], table: str, verb: str) -> set[Place]:
    """Who inserts into, updates or deletes from a table: by our functions, SQLAlchemy's or plain SQL."""
    row = f"{table.title().replace('_', '')}Row"
    sql = re.compile(rf"{verb}\s+(INTO\s+|FROM\s+)?\"?{table}\b", re.IGNORECASE)
    return {
        one.place
        for one in calls
        if (one.takes(row) and (verb in one.name or one.name in ("put_versions", row)))
        or any(isinstance(told, ast.Constant) and sql.search(str(told.value)) for told in one.node.args)
    }


def test_tc_02_only_one_function_writes_tasks_and_one_hands_them_over(calls: list[Call]) -> None:
    """A batch that had been put off went out by a private function that knew nothing of the guard."""
    assert writers(calls, "task", "insert") == {("store.runs", "add")}
    assert callers(calls, "runs.add") == {("app.run", "_write")}
    assert callers(calls, "Admitted") == {("gate.admit", "admit")}
    assert writers(calls, "delivery", "insert") == writers(calls, "sla_delivery", "insert") == set()
    assert callers(calls, "Ledger") == {("store.tasks", "(module)"), ("store.sla", "(module)")}
    assert {one.place for one in calls if ast.unparse(one.node).startswith("insert(self.row)")} == {
        ("store.handed", "note_delivery")
    }
    assert callers(calls, "note_delivery") == {("app.export", "_note"), ("store.tasks", "note_delivery")}
    assert callers(calls, "Batch") == {("app.export", name) for name in ("_announce", "_hand_over", "_ready")}
    assert callers(calls, "_let_through") == {("app.export", name) for name in ("_announce", "_incomplete", "_ready")}
    assert callers(calls, "shelf.announced") == {("app.export", "_ready")}
    assert callers(calls, "batch.files") == {("app.export", "_hand_over")}
    assert callers(calls, "_hand_over") == {("app.export", "export_tasks")}
    assert writers(calls, "sla_reply", "insert") == {("store.sla", "add")}
    assert callers(calls, "sla.add") == {("app.desk.handling", "owe")}


def test_tc_02_a_second_function_that_did_would_be_found() -> None:
    """The same search on code that goes round the guard."""
    lines = (
        "connection.execute(insert(t.TaskRow), rows)",
        "_insert(connection, TaskRow, rows)",
        "insert_all(connection, insert(t.TaskRow), rows)",
        "insert_columns(connection, inserting_new(connection, t.TaskRow), columns)",
        "put_versions(connection, t.TaskRow, 'key', rows, at)",
        "row = t.TaskRow; connection.execute(insert(row), rows)",
        "session.add(t.TaskRow(key='x'))",
        "connection.execute(text('INSERT  INTO task VALUES (1)'))",
    )
    for line in lines:
        planted = list(calls_in(f"def send_late(connection):\n    {line}\n", "app.second"))
        assert writers(planted, "task", "insert") == {("app.second", "send_late")}
    assert not writers(list(calls_in("insert(t.TaskStateRow)", "x")), "task", "insert")


def test_tc_02_the_database_itself_refuses_a_task_for_someone_who_said_stop(book: Book) -> None:
    """The same for whatever comes past all of our functions."""
    book.prepare(*people_of(2))
    book.run()
    book.stop("C-1")
    others = ", ".join(column.name for column in TaskRow.__table__.columns if column.name not in ("key", "contact_id"))
    for statement in (
        f"INSERT INTO task (key, contact_id, {others}) SELECT 'second', 1, {others} FROM task WHERE contact_id = 2",
        "UPDATE task SET state = 'open' WHERE contact_id = 1",
        "UPDATE task SET contact_id = 1 WHERE contact_id = 2",
    ):
        with pytest.raises(RunFailed, match=REFUSAL), book.database.deciding() as connection:
            connection.execute(text(statement))
    with book.database.reading() as connection:
        assert missing_triggers(connection, book.database.is_sqlite) == []


FORBIDDEN = frozenset(
    [
        "force",
        "skip",
        "ignore",
        "bypass",
        "bulk",
        "all",
        "delete",
        "remove",
        "override",
        "purge",
        "clear",
        "reset",
        "unsafe",
        "unsuppress",
        "resubscribe",
        "lift",
    ]
)
"""What a way round a stop is called elsewhere."""

HARMLESS = {("explain", "every", "--all")}
"""Options that have such a name and only show more."""


def commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every command of the application, with those that stand under others."""
    if inner := getattr(command, "commands", None):
        for word, one in inner.items():
            yield from commands(one, f"{name} {word}".strip())
    else:
        yield name, command


def bypasses(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The commands and options whose names say that they go round something."""
    named = {(name, "", "") for name in found if FORBIDDEN & set(re.split(r"[ -]", name))}
    options = {
        (name, str(option.name), flag)
        for name, command in found.items()
        for option in command.params
        for flag in option.opts
        if FORBIDDEN & set(re.split(r"[-_]", flag.strip("-")))
    }
    return (named | options) - HARMLESS


def test_tc_20_no_command_and_no_option_goes_round_a_stop() -> None:
    """The fix that somebody proposed was to take the do-not-contact mark away before each send.

    There is no web API yet, so nothing can answer 405 here.
    """
    found = dict(commands(typer.main.get_command(app)))
    assert {"run", "opt-out", "re-consent", "erase", "audit verify", "export tasks", "export opt-outs"} <= set(found)
    assert {flag for option in found["opt-out"].params for flag in option.opts} >= {"--channel", "--words", "--at"}
    assert len(found) >= 20
    assert bypasses(found) == set()


def test_tc_20_a_command_or_option_that_did_would_be_found() -> None:
    """The same walk over an application that has some."""
    planted = typer.Typer()
    inner = typer.Typer()
    planted.add_typer(inner, name="audit")

    @planted.command()
    def run(force_all: bool = False, out: str = "") -> None: ...

    @inner.command("delete")
    def wipe(name: str) -> None: ...

    found = dict(commands(typer.main.get_command(planted)))
    assert bypasses(found) == {("run", "force_all", "--force-all"), ("audit delete", "", "")}


MODULES = (
    *("reengage.store.optouts", "reengage.store.closing", "reengage.store.stated", "reengage.store.stoplist"),
    *("reengage.store.ledger", "reengage.store.journal", "reengage.gate.admit"),
)


def public_functions() -> dict[str, Any]:
    """Everything that can be called in app/ and in the modules that keep stops."""
    names = [name for _, name, _ in iter_modules(reengage.app.__path__, "reengage.app.")]
    names += [
        name for _, name, _ in iter_modules(import_module("reengage.app.imports").__path__, "reengage.app.imports.")
    ]
    return {
        f"{module}.{name}": one
        for module in (*names, *MODULES)
        for name, one in vars(import_module(module)).items()
        if isinstance(one, FunctionType) and one.__module__ == module and not name.startswith("_")
    }


def test_tc_20_no_function_deletes_a_stop_or_has_a_flag_that_goes_round_one() -> None:
    """The same for whoever calls the functions; what erases is called so, and leaves the stop."""
    functions = public_functions()
    assert {
        "reengage.app.run.run",
        "reengage.store.optouts.record",
        "reengage.app.imports.stops.import_opt_outs",
    } <= set(functions)
    flags = {
        (name, parameter)
        for name, one in functions.items()
        for parameter in inspect.signature(one).parameters
        if FORBIDDEN & set(parameter.split("_"))
    }
    deleting = {name for name in functions if FORBIDDEN & set(name.rpartition(".")[2].split("_"))}
    assert (flags, deleting) == (set(), {"reengage.store.stoplist.list_all"})


def test_tc_20_nothing_in_the_package_takes_an_entry_of_the_ledger_away(calls: list[Call]) -> None:
    """The same for the statements themselves: what is closed is derived anew, never merely deleted."""
    assert writers(calls, "opt_out", "delete") == writers(calls, "opt_out", "update") == set()
    assert writers(calls, "opt_out", "insert") == {("store.ledger", "append")}
    assert writers(calls, "opted_out", "delete") == {("store.closing", "_write")}
    assert writers(calls, "opt_out_key", "delete") == {("store.erasure", "_leave_digests")}


def test_tc_20_the_database_keeps_the_ledger(book: Book) -> None:
    """The same for whoever writes to the database by hand."""
    book.stop("someone@x.example")
    for statement in ("DELETE FROM opt_out", "UPDATE opt_out SET channels = '[]'"):
        with pytest.raises(RunFailed, match="only appended to"), book.database.deciding() as connection:
            connection.execute(text(statement))


def test_tc_29_consent_is_taken_one_person_at_a_time_and_two_of_us_have_looked(book: Book) -> None:
    """A list of fifty opt-outs could be turned back with one click, over what the people themselves had said."""
    book.take("contacts", *people_of(3))
    for n in (1, 2, 3):
        book.stop(f"C-{n}", words="stop")
    complete = Evidence("yes", "form 3", "our site", NOW + DAY, "entry 12", "pat@us.example", "lee@us.example")
    for nobody in ("C-1;C-2", "C-1,C-2", "C-1 C-2", "*", "%", "C-%", ""):
        with pytest.raises(UsageError, match="no contact has the contact_id"):
            allow_again(book.database, nobody, complete, NOW + 2 * DAY)
    for second in ("pat@us.example", " Pat@US.example ", ""):
        alone = replace(complete, approved_by=second)
        with pytest.raises(UsageError, match=r"second person|lacks"):
            allow_again(book.database, "C-1", alone, NOW + 2 * DAY)
    assert set(map(book.closed, ("C-1", "C-2", "C-3"))) == {EVERYTHING}
    allow_again(book.database, "C-2", complete, NOW + 2 * DAY)
    assert [bool(book.closed(f"C-{n}")) for n in (1, 2, 3)] == [True, False, True]


def test_tc_29_no_file_can_bring_a_consent_and_the_command_takes_one_contact() -> None:
    """The same by import or by naming several at once."""
    consent = dict(commands(typer.main.get_command(app)))["re-consent"]
    arguments = [one for one in consent.params if one.param_type_name == "argument"]
    assert [(one.name, one.nargs) for one in arguments] == [("contact", 1)]
    needed = {one.name for one in consent.params if one.required}
    assert needed == {"contact", "words", "wording", "where", "when", "proof", "recorded_by", "approved_by"}
    columns = {column for kind in (CONTACTS, CONVERSATIONS, OPT_OUTS, OUTCOMES) for column in kind.columns}
    assert not [column for column in columns if re.search("consent|opt_?in|subscri", column)]
    readers = {path.stem for path in Path(ROOT / "reengage").rglob("*.py") if "allow_again(" in path.read_text("utf-8")}
    assert readers == {"consent", "deciding", "optouts"}
