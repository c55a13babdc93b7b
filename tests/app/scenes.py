"""Pairs of operations that must not overlook each other, and what has happened before them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from reengage.app.desk.handling import Listening
from reengage.app.desk.respond import handle
from reengage.app.export import export_tasks
from reengage.app.identity import merge
from reengage.app.imports.contacts import import_contacts
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.intake.reading.reader import Reader
from reengage.language.phrases import Phrases
from reengage.model.reply import Reply
from reengage.model.words import Response
from tests.app.interleaving import COMMIT, LOCK, Player
from tests.app.story import START, Event, World, write_csv

OLD, NEW, SECOND = "dana@a.example", "dana@b.example", "dana@c.example"
"""The address we know, the one that a link brings, and that of the same human's other row."""

Act = Callable[[World], object]


@dataclass(frozen=True)
class Operation:
    """Something the application does, and where it can be interrupted: `cuts` make six steps of it, `few` three.

    One that is `closing` shuts somebody out; the other ones are what must not happen from then on.
    """

    name: str
    act: Act
    cuts: tuple[str, str, str, str, str]
    few: tuple[str, str]
    closing: bool = True

    def player(self, world: World, steps: int, log: list[tuple[str, str]]) -> Player:
        """A thread that does it in three steps or in six."""
        return Player(self.name, partial(self.act, world), self.few if steps == 3 else self.cuts, log)


def stopping(who: str) -> Operation:
    """A stop for one address."""
    cuts = ("1 INSERT INTO opt_out ", "1 .*FROM contact_key", "1 UPDATE task", "1 INSERT INTO opted_out", f"1 {COMMIT}")
    return Operation("opt-out", lambda w: opt_out(w.database, w.project, who, START), cuts, (cuts[1], cuts[4]))


def _answer(world: World) -> object:
    office = Listening(world.database, world.project, world.rules, START, Reader(Phrases(), None))
    return handle(office, Reply(who=OLD, at=START, words="leave me alone", said=Response.STOP_EMAILING))


def _link(world: World) -> object:
    write_csv(world.project.folder, (_row("C-1", NEW),))
    return import_contacts(world.database, world.project, world.project.folder / "import.csv", START)


def _merge(world: World) -> object:
    return merge(world.database, world.project, "C-1", "C-2", START, because="they are one human")


def _evaluate(world: World) -> object:
    return run(world.database, world.project, Order(START), rules=world.rules, start=_started)


def _export(world: World) -> object:
    return export_tasks(world.database, world.project, "csv", None, START)


class _Kept(InProcess):
    """An engine for all runs: durable-rules does not give back all the memory of one that is closed."""

    def close(self) -> None:
        pass


def _started(rules: Sequence[dict[str, Any]]) -> InProcess:
    return _kept(json.dumps(list(rules)))


@lru_cache
def _kept(rules: str) -> InProcess:
    return _Kept(json.loads(rules))


_LINKING = (
    f"2 {LOCK}",
    "2 INSERT INTO identifier",
    "2 INSERT INTO contact_key",
    "2 DELETE FROM opted_out",
    f"2 {COMMIT}",
)
_MERGING = (
    "1 INSERT INTO identity",
    "1 UPDATE contact",
    "1 INSERT INTO contact_key",
    "1 DELETE FROM opted_out",
    f"1 {COMMIT}",
)
_RUNNING = ("0 .*FROM owner", f"1 {LOCK}", "1 .*FROM opted_out JOIN", "1 INSERT INTO decision ", f"1 {COMMIT}")
_EXPORTING = ("1 INSERT INTO delivery", f"1 {COMMIT}", "2 .*FROM opted_out", "2 UPDATE delivery", f"2 {COMMIT}")
"""It says what is going to leave, and then, having asked again, lets it leave."""

LINK = Operation("link", _link, _LINKING, (_LINKING[0], _LINKING[4]))
"""An import that says Dana has a second address."""

MERGE = Operation("merge", _merge, _MERGING, (_MERGING[0], _MERGING[4]))
"""A person says that two rows are the same human."""

_ANSWERING = (
    "1 INSERT INTO opt_out ",
    "1 UPDATE task",
    "1 INSERT INTO conversation",
    "1 INSERT INTO handling",
    f"1 {COMMIT}",
)

ANSWER = Operation("answer", _answer, _ANSWERING, (_ANSWERING[1], _ANSWERING[4]))
"""What Dana answers is taken in, and is a stop."""

EVALUATE = Operation("evaluate", _evaluate, _RUNNING, (_RUNNING[1], _RUNNING[3]), closing=False)
EXPORT = Operation("export", _export, _EXPORTING, (_EXPORTING[1], _EXPORTING[3]), closing=False)


@dataclass(frozen=True)
class Scene:
    """Two operations and what has happened before; in the end everybody in the book is shut out: they are one human."""

    first: Operation
    second: Operation
    before: tuple[Act, ...]

    def __str__(self) -> str:
        """Both operations."""
        return f"{self.first.name} × {self.second.name}"


def _row(id: str, email: str) -> dict[str, Any]:
    place = {"account_domain": "a.example", "account_name": "A", "account_status": "prospect"}
    return {"contact_id": id, "email": email, **place}


def _happens(what: str, **row: Any) -> Act:
    return lambda world: world.live(Event(START, what, (row,) if row else ()))


_TALK = {"conversation_id": "K-1", "contact_id": "C-1", "at": "2026-01-05T09:00:00Z", "channel": "phone"}
_MOVE = {"id": "1", "source": "news", "type": "job_change", "time": "2026-02-25T09:00:00Z", "keys": {"email": OLD}}
_PLACES = {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "A"}

NEWS = (
    _happens("contacts", **_row("C-1", OLD)),
    _happens("conversations", **_TALK, response="not_now", rep_email="pat@us.example"),
    _happens("signals", **_MOVE, facts=_PLACES),
)
"""Someone with news that the one rule acts on."""

OPEN = (*NEWS, _happens("run"))
DELIVERED = (*OPEN, _export)
STOPPED = (_happens("stop", who=NEW),)
"""A stop for an address that is nobody's yet."""

TWO = (_happens("contacts", **_row("C-2", SECOND)),)
"""A second row of the same human, which nobody has told us yet."""

TWO_STOPPED = (*TWO, _happens("stop", who=SECOND))

OPT_OUT_EVALUATE = Scene(stopping(OLD), EVALUATE, NEWS)
OPT_OUT_LINK = Scene(stopping(NEW), LINK, DELIVERED)
OPT_OUT_EXPORT = Scene(stopping(OLD), EXPORT, OPEN)
LINK_EVALUATE = Scene(LINK, EVALUATE, (*NEWS, *STOPPED))
LINK_EXPORT = Scene(LINK, EXPORT, (*OPEN, *STOPPED))
MERGE_EVALUATE = Scene(MERGE, EVALUATE, (*NEWS, *TWO_STOPPED))
MERGE_EXPORT = Scene(MERGE, EXPORT, (*OPEN, *TWO_STOPPED))
ANSWER_EVALUATE = Scene(ANSWER, EVALUATE, NEWS)
ANSWER_EXPORT = Scene(ANSWER, EXPORT, OPEN)
MERGE_OPT_OUT = Scene(MERGE, stopping(SECOND), (*DELIVERED, *TWO))

SCENES = (
    *(OPT_OUT_EVALUATE, OPT_OUT_LINK, OPT_OUT_EXPORT),
    *(LINK_EVALUATE, LINK_EXPORT),
    *(MERGE_EVALUATE, MERGE_EXPORT, MERGE_OPT_OUT),
    *(ANSWER_EVALUATE, ANSWER_EXPORT),
)
