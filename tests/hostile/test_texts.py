"""Hostile texts on their whole way: imported, judged, exported; on both databases, and never as more than text."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from reengage.app.export import TARGETS
from tests.hostile.case import AT, Case, plant
from tests.hostile.checks import MOST_CPU, contacts_in, costs_little, is_clear, names_nobody
from tests.hostile.child import Answer
from tests.hostile.conftest import Place, Places
from tests.hostile.corpus.texts import IDS, TEXTS
from tests.hostile.people import KNOWN_BY, person, sheet

_CAPS = "[caps]\nopen_tasks_per_account = 1000\nnew_tasks_per_owner_per_day = 1000\n"

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


def do(place: Place, *command: str, **files: str) -> Answer:
    """Do a command that has to go well, at a cost that is little for sixty inputs; where a run shows tasks it names people."""
    answer = place.meets(Case("text", command, files))
    costs_little(answer, MOST_CPU * 3)
    is_clear(answer)
    names_nobody(replace(answer, out="") if command[0] == "run" else answer, KNOWN_BY)
    assert answer.code in (0, 1), answer
    return answer


def _talk(number: int, text: str) -> dict[str, str]:
    return {
        "conversation_id": f"H-{number}",
        "contact_id": f"T-{number}",
        "at": "2025-01-05T09:00:00Z",
        "channel": "phone",
        "rep_email": "pat@us.example",
        "response": "not_now",
        "their_words": text,
        "topic": text,
        "vendor": text,
        "notes": text,
    }


def _move(number: int, text: str) -> str:
    facts = {"new_company": text.replace("\0", ""), "new_title": "VP Sales", "previous_domain": "veiled.example"}
    keys = {"email": f"zelda{number}@veiled.example"}
    told = {"id": f"m-{number}", "source": "news", "type": "job_change", "time": "2025-03-02T06:00:00Z"}
    return json.dumps({**told, "keys": keys, "facts": facts}) + "\n"


def _filled(place: Place) -> None:
    """A book in which everybody's name, company, title and words are hostile."""
    texts = list(enumerate(TEXTS.values(), 200))
    people = [person(f"T-{n}", n, first_name=text, title=text, account_name=f"Hidden {n}") for n, text in texts]
    talks = [_talk(n, text) for n, text in texts]
    do(place, "import", "contacts", "texts.csv", "--at", AT, **{"texts.csv": sheet(*people)})
    do(
        place,
        "import",
        "conversations",
        "said.csv",
        "--at",
        AT,
        **{"said.csv": sheet(*talks, headings=tuple(talks[0]))},
    )
    moves = "".join(_move(n, text) for n, text in texts)
    do(place, "ingest", "envelope", "--at", AT, **{"signals/moves.jsonl": moves})


@KINDS
def test_whoever_has_a_hostile_name_gets_a_task_that_is_only_text(places: Places, kind: str) -> None:
    place = places(kind)
    plant(place.folder, {"reengage.toml": _CAPS})
    _filled(place)
    assert contacts_in(place.state()) >= {f"T-{n}" for n, _ in enumerate(TEXTS, 200)}
    do(place, "run", "--at", AT)
    assert place.state()["task"].total() >= len(TEXTS) - 2
    for target in TARGETS if kind == "sqlite" else ("csv", "salesforce"):
        do(place, "export", "tasks", "--to", target, "--at", AT)
    files = sorted((place.folder / "exports").glob("*.csv"))
    assert files
    for file in files:
        for cell in _cells(file):
            assert not cell.startswith(tuple("=+-@\t\r＝＋－＠")), (file.name, cell[:40])
            assert not any(unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\n\r\t" for letter in cell)


def _cells(file: Path) -> list[str]:
    text = file.read_bytes().decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@KINDS
def test_an_id_may_be_anything_or_its_row_is_kept_back(places: Places, kind: str) -> None:
    place = places(kind)
    ids = dict(enumerate(IDS.values(), 300))
    rows = [person(id, n) for n, id in ids.items()]
    ids = {n: id for n, id in ids.items() if n % 5 == 0 or len(id) > 1000}
    rows += [person(f"A-{n}", n + 200, crm_contact_id=id, crm_system="crm") for n, id in ids.items()]
    rows += [person(f"B-{n}", n + 400, account_name=id, owner_email=id, crm_account_id=id) for n, id in ids.items()]
    rows += [person(f"C-{n}", n + 600, linkedin_url=f"linkedin.com/in/{id}") for n, id in ids.items()]
    headings = (*rows[0], "crm_system", "crm_contact_id", "crm_account_id", "owner_email")
    answer = do(place, "import", "contacts", "ids.csv", "--at", AT, **{"ids.csv": sheet(*rows, headings=headings)})
    known = contacts_in(place.state())
    assert {f"C-{n}" for n in ids} <= known, answer
    assert len(known) > len(IDS) + len(ids), answer


@KINDS
@pytest.mark.parametrize("name", ["sql", "of-60000", "of-3000"])
def test_a_stop_for_an_odd_id_or_company_counts_or_is_refused_with_a_reason(
    places: Places, kind: str, name: str
) -> None:
    place = places(kind)
    answer = place.meets(Case(name, ("opt-out", "--company", "--at", AT, "--", IDS[name])))
    costs_little(answer)
    is_clear(answer)
    rows = [_talk(900, "stop") | {"contact_id": IDS[name], "response": "unsubscribe"}]
    told = do(place, "import", "conversations", "s.csv", "--at", AT, **{"s.csv": sheet(*rows, headings=tuple(rows[0]))})
    assert told.code == 1
