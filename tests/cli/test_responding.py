"""`respond`, `review` and `sla` as a person at a terminal and a program meet them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Reengage

AT = ("--at", "2026-09-01T10:00:00+02:00")


@pytest.fixture
def book(project: Path, reengage: Reengage) -> Path:
    (project / "owners.csv").write_text(
        "owner_email,name,time_zone\ntom@us.example,Tom,Europe/Berlin\n", encoding="utf-8"
    )
    (project / "contacts.csv").write_text(
        "contact_id,first_name,email,owner_email\nC-1,Dana,dana@initech.example,tom@us.example\nC-2,Kai,kai@globex.example,tom@us.example\n",
        encoding="utf-8",
    )
    assert reengage("import", "owners", "owners.csv", "--at", "2026-08-31").code == 0
    assert reengage("import", "contacts", "contacts.csv", "--at", "2026-08-31").code == 0
    return project


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_for_what_is_needed(book: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("C-1\nphone\nplease stop calling me\n"))
    ran = reengage("respond", *AT)
    assert ran.code == 0, ran.err
    assert "C-1: stop calling" in ran.out
    assert "suppressed: at once, on every channel" in ran.out


def test_a_person_at_the_terminal_says_what_is_not_clear(
    book: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed, shown in (("not_now\n", "noted as not now"), ("n\n", "left as it is"), ("\n", "waits for a person")):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        ran = reengage("respond", "C-1", "--words", f"hm, the thing {typed}", *AT)
        assert ran.code == 0, ran.err
        assert shown in ran.out
    assert "reply-3" in reengage("review").out


def test_without_a_terminal_it_says_what_is_missing(book: Path, reengage: Reengage) -> None:
    for arguments in ((), ("--words", "no"), ("C-1",), ("C-1", "--file", "x.csv"), ("C-1", "--words", " ")):
        ran = reengage("respond", *arguments)
        assert (ran.code, "help:" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--call-back", "soon"), '"soon" is not a date'),
        (("--contract-ends", "2026-13-01"), "is not a day of the calendar"),
        (("--when", "yesterday"), '"yesterday" is not a moment'),
        (("--when", "2027-01-01"), "lies in the future"),
        (("--channel", "telegraph"), "telegraph"),
        (("--said", "maybe"), "maybe"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    book: Path, reengage: Reengage, arguments: tuple[str, ...], message: str
) -> None:
    ran = reengage("respond", "C-1", "--words", "no", *arguments, *AT)
    assert ran.code == 2
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_what_somebody_states_counts_as_stated(book: Path, reengage: Reengage) -> None:
    stated = (
        "--said",
        "already_with_vendor",
        "--vendor",
        "Initrode",
        "--contract-ends",
        "2027-03-31",
        "--call-back",
        "2027-01-04",
        "--wake-on",
        "SSO",
    )
    ran = reengage("respond", "C-1", "--words", "we are fine", *stated, *AT, "--format", "json")
    found = ran.json()
    assert (found["response"], found["state"], found["certainty"]) == ("already_with_vendor", "handled", None)
    why = reengage("explain", "C-1", "--at", "2026-09-02").out
    assert "2027-01-04" in why


def test_a_dry_run_writes_nothing_and_needs_nobody(project: Path, reengage: Reengage) -> None:
    (project / "replies.csv").write_text(
        "who,at,words\nsomebody,2026-09-01,please remove me from your list\n", encoding="utf-8"
    )
    assert "unsubscribe" in reengage("respond", "--dry-run", "--file", "replies.csv").out
    (one,) = reengage("respond", "--dry-run", "--words", "no budget this year", "--format", "json").json()
    assert (one["response"], one["words"]) == ("no_budget", "no budget this year")
    assert not (project / "reengage.db").exists()


def test_a_file_says_what_became_of_each(book: Path, reengage: Reengage) -> None:
    lines = [
        {"who": "C-1", "at": "2026-09-01T08:00:00Z", "words": "not now, ask me in October", "id": "a"},
        {"who": "kai@globex.example", "at": "2026-09-01T08:00:00Z", "words": "stop emailing me", "id": "b"},
        {"who": "x@y.example", "at": "2026-09-01T08:00:00Z", "words": "who is this", "id": "c"},
        {"who": "C-1", "at": "never", "words": "hello", "id": "d"},
    ]
    (book / "replies.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ran = reengage("respond", "--file", "replies.jsonl", *AT, "--format", "json")
    assert ran.code == 1
    found = ran.json()
    assert [(one["who"], one["state"]) for one in found["handled"]] == [
        ("kai@globex.example", "handled"),
        ("C-1", "handled"),
        ("x@y.example", "stranger"),
    ]
    assert [one["where"] for one in found["bad"]] == ["replies.jsonl:4"]
    again = reengage("respond", "--file", "replies.jsonl", "--at", "2026-09-01T11:00:00+02:00")
    assert "2 known before" in again.out


def test_what_is_owed_is_shown_done_and_dropped(book: Path, reengage: Reengage) -> None:
    for who in ("C-1", "C-2"):
        assert reengage("respond", who, "--words", "not now, ask me in October", *AT).code == 0
    owed = reengage("sla", *AT, "--format", "json").json()
    first, second = sorted(owed, key=lambda one: str(one["contact"]))
    assert (first["status"], first["contact"]) == ("open", "C-1")
    assert "| Hello Dana," in reengage("sla", "show", first["key"], *AT).out
    assert reengage("sla", "--at", "2026-09-03").code == 1
    assert reengage("sla", "done", first["key"], "--at", "2026-09-01T12:00:00+02:00").out.strip().endswith("met")
    assert reengage("sla", "drop", second["key"], "--because", " ").code == 2
    dropped = reengage("sla", "drop", second["key"], "--because", "they called", "--at", "2026-09-01T12:00:00+02:00")
    assert dropped.out.strip().endswith("cancelled")
    assert reengage("sla", "--at", "2026-09-03").out.strip() == "nothing is owed"
    assert len(reengage("sla", "--all", "--format", "json").json()) == 2
    assert reengage("sla", "show", "sla-x").code == 2


def test_a_question_takes_one_answer(book: Path, reengage: Reengage) -> None:
    assert reengage("respond", "C-1", "--words", "hm, the thing", *AT).code == 0
    for arguments in (("--confirm", "--reject"), (), ("--confirm", "--as", "not_now"), ("--confirm",)):
        assert reengage("review", "reply-1", *arguments, "--because", "x", *AT).code == 2, arguments
    assert reengage("review", "reply-1", "--as", "not_now", *AT).code == 2
    assert reengage("review", "reply-99999999999999999999", "--reject", "--because", "x", *AT).code == 2
    assert reengage("review", "reply-1", "--as", "not_now", "--because", "rang them", *AT).code == 0
