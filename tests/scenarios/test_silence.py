"""Whoever said stop is in nothing that leaves, is scored, is matched or is logged; of whoever was erased nothing stays.

No connector asks anybody for anything yet: sources are files that are there already. A connector that sends requests
belongs among the things recorded here. The one place where their addresses belong is the list of opt-outs itself.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, select

from reengage.app import export, judge
from reengage.app.project import DATABASE_VARIABLE
from reengage.engine.durable import ChildProcess, InProcess
from reengage.engine.plain import PlainMatcher
from reengage.gate.admit import admit
from reengage.language.ruleset import load_rules
from reengage.model.errors import RunFailed
from reengage.model.optout import Standing
from reengage.store import candidates, stated
from reengage.store import columns as t
from reengage.store.database import Database, open_database
from tests.cli.conftest import Reengage, project, reengage, starter_project
from tests.conftest import KEYS
from tests.scenarios.book import write_rows

__all__ = ["project", "reengage", "starter_project"]

MARKS = re.compile(r"zebulon|quixworth|7946\W?077", re.IGNORECASE)
"""What is in every name, address, number and profile of whoever says stop here, and in nothing else."""

LATE = re.compile(r"ottoline|fanshawe|7946\W?088", re.IGNORECASE)
"""The same of someone who says stop when a task for them has been handed over."""


def silent(number: int, **more: object) -> dict[str, object]:
    """Someone who says stop."""
    return {
        "contact_id": f"S-{number}",
        "first_name": "Zebulon",
        "last_name": f"Quixworth{number}",
        "email": f"zebulon{number}@quiet.example",
        "phone": f"+44 20 7946 077{number}",
        "linkedin_url": f"https://www.linkedin.com/in/zebulon-{number}",
        **AT_WORK,
        **more,
    }


AT_WORK: dict[str, object] = {
    "account_name": "Initech",
    "account_domain": "initech.example",
    "account_status": "prospect",
    "owner_email": "pat@us.example",
    "crm_system": "espocrm",
}
HEARD = {"contact_id": "H-1", "first_name": "Dana", "last_name": "Reyes", "email": "dana@initech.example", **AT_WORK}
OTTOLINE = {
    **silent(9, contact_id="L-1", first_name="Ottoline", last_name="Fanshawe", email="ottoline@initech.example"),
    "phone": "+44 20 7946 0881",
    "linkedin_url": "linkedin.com/in/ottoline-f",
}
CONTACTS = (HEARD, OTTOLINE, *(silent(n) for n in (2, 3, 4)), silent(1, opted_out="yes"), silent(5, opted_out="hm"))
"""S-1 to S-4 say stop each in another way, of S-5 it may be; S-6 is never a contact."""


def talk(contact: object, response: str = "not_now", **more: object) -> dict[str, object]:
    at = {"conversation_id": f"{contact}-{response}", "contact_id": contact, "at": "2026-03-02T10:00:00Z"}
    return {**at, "channel": "phone", "rep_email": "pat@us.example", "response": response, **more}


def signal(id: str, kind: str, number: int, **more: Any) -> dict[str, Any]:
    keys = {"email": f"zebulon{number}@quiet.example", "phones": [f"+44 20 7946 077{number}"]}
    about = {"id": id, "source": "news", "type": kind, "time": "2026-09-20T10:00:00Z"}
    return {**about, "keys": keys, "facts": {}, **more}


MOVE = {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "Initech"}


@dataclass
class Recorder:
    """Everything that came out or was handed to a matcher, with where it was seen."""

    call: Reengage
    folder: Path
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, *arguments: object, both: bool = False) -> None:
        """Give a command; where there is more to see, once for people and once for programs."""
        for form in ("json", "human") if both else ("human",):
            ran = self.call(*arguments, "--format", form)
            self.seen.append((f"output of {' '.join(map(str, arguments[:2]))}", ran.out + ran.err))

    def write(self, name: str, *rows: dict[str, object]) -> str:
        """A file to be imported."""
        write_rows(self.folder / name, list(rows))
        return name

    def drop(self, *signals: dict[str, Any] | str) -> None:
        """A file to be ingested."""
        lines = (one if isinstance(one, str) else json.dumps(one) for one in signals)
        (self.folder / "signals" / f"{len(self.seen)}.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def told(self, marks: re.Pattern[str] = MARKS, since: int = 0) -> set[str]:
        """Where any of these marks stands, files that were handed over and the journal included."""
        files = (*self.folder.glob("exports/*"), *self.folder.glob(".reengage.journal*"))
        texts = [(f"file {path.name}", path.read_text("utf-8-sig")) for path in files if path.name != "opt-outs.csv"]
        return {where for where, text in (*self.seen[since:], *texts) if marks.search(text)}


@pytest.fixture
def recorder(
    reengage: Reengage, project: Path, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Recorder]:
    """The commands, with matchers that write down whatever they are given, and every logger heard from DEBUG on."""
    made = Recorder(reengage, project)
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    plainly = PlainMatcher.match

    def match(self: PlainMatcher, page: Any, now: Any) -> Any:
        made.seen += [("plain matcher", repr(one.candidate)) for one in page]
        return plainly(self, page, now)

    def fire(self: ChildProcess, page: Any) -> list[list[str]]:
        made.seen.append(("durable matcher", json.dumps([self._rulesets, list(page)])))
        return InProcess(self._rulesets).fire(page)

    read = cache(partial(load_rules, project / "rules"))
    monkeypatch.setattr("reengage.app.project.load_rules", lambda folder, vocabulary, made: read())
    monkeypatch.setattr(PlainMatcher, "match", match)
    monkeypatch.setattr(ChildProcess, "fire", fire)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # it would say every statement with its parameters
    with caplog.at_level(logging.DEBUG):
        yield made


TARGETS = ("csv", "jsonl", "espocrm")


def live(tell: Recorder, targets: Sequence[str] = TARGETS) -> None:
    """From the first import to the first export: some say stop in every way there is, and all have news."""
    tell(
        "import",
        "owners",
        tell.write("owners.csv", {"owner_email": "pat@us.example", "crm_owner_id": "u1"}),
    )
    tell("import", "contacts", tell.write("contacts.csv", *CONTACTS))
    held = (talk(one["contact_id"], notes="spoke of zebulon3@quiet.example") for one in CONTACTS)
    tell("import", "conversations", tell.write("talks.csv", *held, talk("S-2", "unsubscribe")))
    stops = ({"email": "Zebulon3@Quiet.example", "phone": ""}, {"email": "", "phone": "020 7946 0776"})
    tell("import", "opt-outs", tell.write("stops.csv", *stops))
    moves = (signal(f"m{n}", "job_change", n, facts=MOVE) for n in range(1, 7))
    others = (
        signal(f"o{n}", "job_change", 0, keys={"email": email}, facts=MOVE)
        for n, email in enumerate(("dana@initech.example", "ottoline@initech.example"))
    )
    tell.drop(*moves, *others, signal("stop", "opt_out", 4, facts={"words": "Zebulon has had enough"}))
    tell("ingest")
    tell("run", both=True)
    for target in targets:
        tell("export", "tasks", "--to", target)


def broken(tell: Recorder) -> None:
    """Rows and files that cannot be read, whoever they are about."""
    many = ",".join(str(value) for value in silent(2).values())
    (tell.folder / "broken.csv").write_text(
        f"contact_id,email,opted_out\n{many}\nS-2,zebulon@@quiet,x\n,\n", encoding="utf-8"
    )
    tell("import", "contacts", "broken.csv", both=True)
    late = talk("S-2", "unsubscribe", conversation_id="K", at="2099-01-01", their_words="Zebulon here")
    tell("import", "conversations", tell.write("talks.csv", late, talk("zebulon-7", response="Stop calling me")))
    tell("import", "opt-outs", tell.write("stops.csv", {"email": "zebulon@@quiet", "phone": "7946077"}))
    (tell.folder / "list.csv").write_text("email,Mobile\na@x.example,+44 20 7946 0771\n", encoding="utf-8")
    tell("import", "opt-outs", "list.csv")
    tell.drop(
        "{" + json.dumps(signal("cut", "opt_out", 2))[:-9],
        signal("b1", "opt_out", 2, time="soon"),
        signal("b2", "visit", 1, certainty="Perhaps"),
        {**signal("b3", "opt_out", 3), "who": "Zebulon Quixworth3"},
    )
    tell("ingest", both=True)


def look(tell: Recorder) -> None:
    """Everything that shows something."""
    for contact in ("S-1", "S-4", "S-5"):
        tell("explain", contact, "--all")
    tell("review", both=True)
    for command in (("connectors",), ("doctor",), ("audit", "verify"), ("restore-check",)):
        tell(*command)


def decide(tell: Recorder) -> None:
    """What people say of who someone is, and what comes of it."""
    tell("opt-out", "L-1", "--words", "Ottoline wants none of this")
    tell("merge", "S-1", "S-2", "--because", "one human")
    tell("split", "S-1", "S-2", "--because", "father and son")
    tell("re-consent", "S-1", *(word for name in CONSENT for word in (name, "x")), "--when", "2026-01-01")
    tell("run")
    tell("export", "opt-outs")
    for target in TARGETS:
        tell("export", "tasks", "--to", target)


CONSENT = ("--words", "--wording", "--where", "--proof", "--recorded-by", "--approved-by")


def test_whoever_said_stop_is_in_no_output_no_file_no_log_and_no_fact(
    recorder: Recorder, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    live(recorder)
    handed = len(recorder.seen)
    assert {"plain matcher", "durable matcher"} <= {where for where, _ in recorder.seen}
    assert "file incomplete-espocrm.csv" in recorder.told(re.compile("Dana Reyes"))
    assert "plain matcher" in recorder.told(LATE)
    for act in (broken, look, decide) if url.startswith("sqlite") else (decide,):
        act(recorder)
    recorder.seen += [(f"log of {one.name}", one.getMessage()) for one in caplog.records]
    assert recorder.told() == set()
    last = next(n for n, (where, _) in enumerate(recorder.seen) if n >= handed and where == "output of opt-out L-1") + 1
    later = {where for where in recorder.told(LATE, last) if not where.startswith("file tasks-")}
    assert later == set()
    listed = (recorder.folder / "exports" / "opt-outs.csv").read_text("utf-8-sig")
    assert len(set(re.findall(r"zebulon\d@quiet.example", listed))) == 5


def let_everybody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that asks nobody."""

    def welcome(page: Any, standings: Any) -> Any:
        return admit(page, {one.contact.id: Standing() for one in page})

    monkeypatch.setattr(judge, "admit", welcome)


def log_who_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up that leaves a trace."""
    asked = stated.unstated

    def unstated(connection: Any, stops: Any) -> Any:
        logging.getLogger("reengage").debug("asked about %s", [stop.identifier_value for stop in stops])
        return asked(connection, stops)

    monkeypatch.setattr(stated, "unstated", unstated)


def pass_notes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes that are handed over as they are, whomever they mention."""
    for module in (candidates, export):
        monkeypatch.setattr(module, "discreet", lambda connection, texts: {})


LEAKS = {
    "a gate that is open": (let_everybody_in, {"plain matcher"}),
    "a log": (log_who_is_asked_about, {"log of reengage"}),
    "a note": (pass_notes_on, {"plain matcher", "output of run", "file tasks-csv"}),
}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("leak", LEAKS)
def test_each_kind_of_leak_is_noticed(
    recorder: Recorder, leak: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spoil, places = LEAKS[leak]
    spoil(monkeypatch)
    live(recorder, ["csv"])
    recorder.seen += [(f"log of {one.name}", one.getMessage()) for one in caplog.records]
    found = recorder.told()
    assert {place for place in places if not any(where.startswith(place) for where in found)} == set()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_row_whose_cells_have_shifted_is_kept_back_without_quoting_it(recorder: Recorder) -> None:
    recorder("import", "contacts", recorder.write("contacts.csv", silent(1, opted_out="yes"), silent(2, opted_out="x")))
    shifted = talk("S-2", at="zebulon2@quiet.example", conversation_id="K-9")
    recorder("import", "conversations", recorder.write("talks.csv", shifted))
    recorder.drop(signal("b", "visit", 1, time="zebulon1@quiet.example"))
    recorder("ingest")
    assert recorder.told() == set()


def test_what_the_database_refuses_is_told_without_the_row(database: Database) -> None:
    row = {"kind": "email", "value": "zebulon1@quiet.example", "contact_id": 1, "source": "x", "recorded_at": None}
    with pytest.raises(RunFailed) as refused, database.writing() as connection:
        connection.execute(insert(t.IdentifierRow), row)
    assert not MARKS.search(f"{refused.value} {refused.value.help}")


def stored(url: str) -> list[str]:
    """Every row of every table, and the bytes of the file where there is one."""
    database, metadata = open_database(url, KEYS), MetaData()
    metadata.reflect(database.engine)
    with database.reading() as connection:
        rows = [f"{table.name}: {row}" for table in metadata.sorted_tables for row in connection.execute(select(table))]
    database.close()
    file = Path(str(database.engine.url.database))
    kept = file.parent.glob(f"{file.name}*") if database.is_sqlite else ()
    return [*rows, *(path.read_bytes().decode("latin-1") for path in kept)]


def test_of_someone_erased_nothing_stays_and_nothing_comes_back(
    recorder: Recorder, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    live(recorder, ["csv"])
    recorder("opt-out", "L-1")
    assert any(LATE.search(value) for value in stored(url))
    erased = len(recorder.seen)
    recorder("erase", "L-1")
    for path in (*recorder.folder.glob("exports/tasks-*"), *recorder.folder.glob("signals/*.jsonl")):
        path.unlink()  # as `erase` says
    caplog.clear()
    recorder("import", "contacts", recorder.write("contacts.csv", OTTOLINE, {**OTTOLINE, "contact_id": "L-2"}))
    recorder.drop(signal("back", "job_change", 0, keys={"email": "ottoline@initech.example"}, facts=MOVE))
    for command in (("ingest",), ("run",), ("audit", "verify"), ("export", "opt-outs")):
        recorder(*command)
    recorder("export", "tasks", "--to", "csv")
    recorder.seen += [(f"log of {one.name}", one.getMessage()) for one in caplog.records]
    assert recorder.told(LATE, erased) == set()
    assert not LATE.search((recorder.folder / "exports" / "opt-outs.csv").read_text("utf-8-sig"))
    assert [value for value in stored(url) if LATE.search(value)] == []
