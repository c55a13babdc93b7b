"""Every verb as a person types it: what it shows, how it exits, and what it says when the input is wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from reengage.cli import working
from reengage.engine.durable import available
from tests.cli.conftest import Reengage

CONTACTS = """contact_id,first_name,last_name,email,account_name,account_domain,account_status,owner_email
C1,Dana,Reyes,dana@initech.example,Initech,initech.example,prospect,pat@us.example
C2,Sam,Stopp,sam@initech.example,Initech,initech.example,prospect,pat@us.example
"""
TALKS = """conversation_id,contact_id,at,channel,rep_email,response,their_words
K1,C1,2026-03-02T10:00:00Z,phone,pat@us.example,not_now,"Ask me again after the summer"
K2,C2,2026-03-02T10:00:00Z,phone,pat@us.example,not_now,not now
K3,C2,2026-04-02T10:00:00Z,email,pat@us.example,stop_emailing,take me off
"""
MOVES = """Email,LinkedIn URL,First Name,Last Name,New Company,New Company Domain,New Title,Previous Company,\
Previous Company Domain,Previous Title,Change Date
dana@initech.example,,Dana,Reyes,Hooli,hooli.example,VP Sales,Initech,initech.example,Director,2026-09-20
sam@initech.example,,Sam,Stopp,Hooli,hooli.example,VP Sales,Initech,initech.example,Director,2026-09-20
"""


@pytest.fixture
def filled(project: Path, reengage: Reengage) -> Reengage:
    """A project with two contacts who moved, one of whom said stop."""
    for name, text in (("contacts", CONTACTS), ("conversations", TALKS)):
        (project / f"{name}.csv").write_text(text, encoding="utf-8")
        assert reengage("import", name, f"{name}.csv", "--at", "2026-09-01").code == 0
    (project / "signals" / "job-changes").mkdir()
    (project / "signals" / "job-changes" / "moves.csv").write_text(MOVES, encoding="utf-8")
    assert reengage("ingest", "--at", "2026-09-28").code == 0
    return reengage


def test_init_makes_a_project_that_is_sound_and_private(
    tmp_path: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reengage("init", tmp_path / "mine")
    assert made.code == 0
    key = tmp_path / "mine" / ".reengage.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ".reengage.key" in (tmp_path / "mine" / ".gitignore").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path / "mine")
    assert reengage("check", "--strict").code == 0
    assert reengage("test").code == 0
    doctor = reengage("doctor")
    assert doctor.code == 0
    assert "FAIL" not in doctor.out
    assert reengage("init", tmp_path / "mine").code == 2
    assert reengage("init", tmp_path).code == 2


def test_the_whole_way_from_files_to_tasks(filled: Reengage, project: Path) -> None:
    ran = filled("run", "--at", "2026-10-05", "--format", "json").json()
    assert ran["outcomes"] == {"task": 1, "opted_out": 1}
    (task,) = ran["tasks"]
    assert set(task) == {
        "key",
        "rule",
        "contact_id",
        "account",
        "channel",
        "priority",
        "subject",
        "note",
        "due",
        "owner",
        "because",
        "evidence",
    }
    assert task["contact_id"] == "C1"
    assert task["subject"] == "Dana is now VP Sales at Hooli"
    assert "Ask me again after the summer" in task["note"]
    assert ran["matchers"] == (["durable", "plain"] if available() else ["plain"])
    exported = filled("export", "tasks", "--to", "csv")
    assert "1 task and 0 recalls" in exported.out
    (file,) = (project / "exports").glob("*.csv")
    assert "C2" not in file.read_text(encoding="utf-8")
    assert "no file was written" in filled("export", "tasks", "--to", "csv").out
    again = filled("run", "--at", "2026-10-05T08:00")
    assert "nothing new since run 1" in again.out
    (project / "outcomes.csv").write_text(
        f"task_key,status,outcome\n{task['key']},completed,meeting\n", encoding="utf-8"
    )
    assert filled("import", "outcomes", "outcomes.csv").code == 0


def test_a_table_for_people(filled: Reengage) -> None:
    shown = filled("run", "--at", "2026-10-05").out
    assert "2 candidates: task 1 · opted_out 1" in shown
    assert "Dana Reyes" in shown
    assert "Sam" not in shown
    assert "\x1b" not in shown


def test_a_table_holds_no_more_tasks_than_anybody_reads(filled: Reengage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "MOST_SHOWN", 0)
    shown = filled("run", "--at", "2026-10-05", "--dry-run").out
    assert "task 1" in shown
    assert "… and 1 more (--format json lists all)" in shown
    assert "Dana Reyes" not in shown
    assert len(filled("run", "--at", "2026-10-05", "--format", "json").json()["tasks"]) == 1


def test_explain_says_why_and_why_not(filled: Reengage) -> None:
    filled("run", "--at", "2026-10-05")
    why = filled("explain", "C1")
    assert "job-change-not-now" in why.out
    assert "held_for: at least 30 days" in why.out
    why_not = filled("explain", "C2")
    assert "opted_out: opted out on 2026-04-02" in why_not.out
    assert "Sam" not in why_not.out
    assert "initech.example" not in why_not.out
    told = filled("explain", "C1", "--format", "json").json()
    assert [past["outcome"] for past in told["past"]] == ["task"]
    assert {condition["holds"] for rule in told["rules"] for condition in rule["conditions"]} <= {True, False, None}


def test_a_stop_takes_back_what_was_delivered(filled: Reengage, project: Path) -> None:
    filled("run", "--at", "2026-10-05")
    filled("export", "tasks", "--to", "jsonl")
    stopped = filled("opt-out", "dana@initech.example", "--words", "stop it")
    assert "reaches 1 contact; 1 open task cancelled" in stopped.out
    assert "0 tasks and 1 recall for" in filled("export", "tasks", "--to", "jsonl").out
    assert "0 tasks and 0 recalls" in filled("export", "tasks", "--to", "jsonl").out
    assert filled("export", "opt-outs").code == 0
    assert "dana@initech.example" in (project / "exports" / "opt-outs.csv").read_text(encoding="utf-8")


def test_dry_run_if_due_and_limits(filled: Reengage, project: Path) -> None:
    assert "nothing was written" in filled("run", "--dry-run").out
    assert filled("run", "--if-due", "--format", "json").json()["run_id"] == 1
    assert "has been run" in filled("run", "--if-due").out
    assert filled("run", "--limit", "3").code == 2
    (project / "reengage.toml").write_text('time_zone = "UTC"\n', encoding="utf-8")
    no_schedule = filled("run", "--if-due")
    assert (no_schedule.code, "schedule" in no_schedule.err) == (2, True)


def test_connectors_schema_and_doctor(filled: Reengage, project: Path) -> None:
    listed = {row["name"]: row for row in filled("connectors", "--format", "json").json()}
    assert listed["job_changes"]["deliveries"] == 1
    assert "job_changes" in filled("connectors").out
    assert filled("schema", "rules").json()["$schema"]
    assert filled("schema", "rules", "--write").code == 0
    (project / ".reengage.key").chmod(0o644)
    unsafe = filled("doctor")
    assert unsafe.code == 1
    assert "chmod 600" in unsafe.out


def test_review_from_the_command_line(filled: Reengage, project: Path) -> None:
    text = CONTACTS.replace("owner_email", "owner_email,opted_out").replace(
        "pat@us.example\n", "pat@us.example,see notes\n"
    )
    (project / "contacts.csv").write_text(text, encoding="utf-8")
    filled("import", "contacts", "contacts.csv")
    (one, *_) = filled("review", "--format", "json").json()
    assert filled("review", one["id"]).code == 2
    assert filled("review", one["id"], "--reject").code == 2
    assert filled("review", one["id"], "--reject", "--because", "asked them").code == 0
    assert filled("review", "move-99", "--confirm", "--because", "x").code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("import", "contacts", "absent.csv"), 1, "there is no such file"),
        (("import", "nonsense", "absent.csv"), 2, "nonsense"),
        (("import", "contacts"), 2, "Missing argument"),
        (("run", "--at", "yesterday"), 2, "is not a moment"),
        (("run",), 2, "the database is empty"),
        (("explain", "C1"), 2, "the database is empty"),
        (("export", "tasks"), 2, "--to"),
        (("export", "tasks", "--to", "fax"), 2, "fax"),
        (("opt-out", "nobody"), 2, "is no contact_id"),
        (("ingest", "nonsense"), 2, "no connector is called"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_wrong_calls_get_one_clear_message(
    project: Path, reengage: Reengage, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = reengage(*arguments)
    assert ran.code == code
    assert says in ran.err
    assert "Traceback" not in ran.err + ran.out


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("reengage.toml", "time_zone = ", "reengage.toml"),
        ("reengage.toml", 'time_zone = "Mars/Base"\n', "is not a zone"),
        ("reengage.toml", 'tme_zone = "UTC"\n', 'did you mean "time_zone"'),
        ("reengage.toml", "[caps]\nmax_tasks = 0\n", "does not fit"),
        ("reengage.toml", '[caps]\nmax_tasks = "many"\n', "does not fit"),
        ("reengage.toml", 'schedule = "R R * * *"\n', "schedule"),
        ("reengage.toml", '[defaults]\naccount_status = "friend"\n', "is not known"),
        ("reengage.toml", '[import.responses]\n"Later" = "someday"\n', "is no response"),
        ("reengage.toml", "caps = 3\n", "must be a table"),
        ("reengage.toml", 'database = "mysql://x"\n', "mysql"),
        ("rules/job-change.yaml", "rules: [", "the rules have"),
        ("connectors/x.yaml", "name: x\nkind: y\n", "the connectors have"),
    ],
)
def test_wrong_files_get_one_clear_message(project: Path, reengage: Reengage, file: str, text: str, says: str) -> None:
    (project / file).write_text(text, encoding="utf-8")
    ran = reengage("ingest")
    assert ran.code in (1, 2)
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_outside_a_project_the_help_says_how_to_start(
    tmp_path: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = reengage("check")
    assert ran.code == 2
    assert "reengage init" in ran.err


@pytest.mark.parametrize(
    "line",
    [
        ("check",),
        ("test", "--coverage"),
        ("doctor",),
        ("connectors",),
        ("schema",),
        ("explain", "C-1"),
        ("review",),
        ("diff", "--rules-from", "rules"),
        ("run", "--dry-run"),
        ("audit", "verify"),
    ],
)
def test_what_only_reads_makes_no_file(project: Path, reengage: Reengage, line: tuple[str, ...]) -> None:
    before = sorted(project.rglob("*"))
    ran = reengage(*line)
    assert sorted(project.rglob("*")) == before
    assert "Traceback" not in ran.err
    if line[0] in ("explain", "review", "diff", "run", "audit"):
        assert ran.code == 2 and "the database is empty" in ran.err


def test_a_rule_that_is_wrong_is_shown_with_its_place(project: Path, reengage: Reengage) -> None:
    (project / "rules" / "spring.yaml").write_text(
        "rules:\n  - id: spring\n    when: {intent: {withn: 45 days}}\n    then: {create_task: {subject: Hello}}\n",
        encoding="utf-8",
    )
    ran = reengage("check")
    assert ran.code == 1
    assert 'rules/spring.yaml:3:21: unknown key "withn"' in ran.out
    assert 'did you mean "within"?' in ran.out
    assert ran.out.splitlines()[-1].endswith("4 connectors: 1 error, 0 warnings")
    assert reengage("check", "--format", "json").json()[0]["check"] == "unknown-key"
    annotation = "::error file=rules/spring.yaml,line=3,col=21,endColumn=26,title=unknown-key::unknown key"
    assert reengage("check", "--format", "github").out.startswith(annotation)
    ran = reengage("check", "--format", "sarif")
    assert ran.code == 1
    (run,) = ran.json()["runs"]
    assert run["results"][0]["ruleId"] == "unknown-key"
    assert run["tool"]["driver"]["rules"][0]["help"]["markdown"].startswith("**unknown-key**: ")


def test_a_failing_inline_test_says_what_came_instead(project: Path, reengage: Reengage) -> None:
    file = project / "rules" / "dates.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text
        + "\n  - name: cannot be\n    contact: {said: no_budget}\n    expect:\n      - {day: 2026-03-01, tasks: [{rule: agreed-date-has-come}]}\n",
        encoding="utf-8",
    )
    ran = reengage("test")
    assert ran.code == 1
    assert "no task: no_match" in ran.out
    assert "1 failed" in ran.out


@pytest.mark.parametrize(
    "verb",
    [
        "",
        "init",
        "doctor",
        "connectors",
        "schema",
        "check",
        "test",
        "import",
        "ingest",
        "opt-out",
        "run",
        "export tasks",
        "export opt-outs",
        "explain",
        "review",
    ],
)
def test_help_has_an_example(reengage: Reengage, verb: str) -> None:
    shown = reengage(*verb.split(), "--help")
    assert shown.code == 0
    assert "Example: reengage" in " ".join(shown.out.split()) or not verb


def test_an_error_of_ours_is_no_traceback_unless_asked_for(
    project: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("reengage.cli.commands.find_project", fail)
    ran = reengage("check")
    assert ran.code == 3
    assert "--debug" in ran.err
    monkeypatch.setattr("sys.argv", ["reengage", "check", "--debug"])
    from reengage.cli import main

    with pytest.raises(ZeroDivisionError):
        main()


@pytest.mark.parametrize("verb", [("run",), ("ingest",), ("import", "contacts", "contacts.csv"), ("opt-out", "C1")])
def test_nothing_is_written_into_the_future(filled: Reengage, verb: tuple[str, ...]) -> None:
    ahead = filled(*verb, "--at", "2027-10-05")
    assert ahead.code == 2
    assert "lies in the future" in ahead.err
    assert filled("run", "--at", "2027-10-05", "--dry-run").code == 0
    assert filled("run", "--at", "9999-12-31", "--dry-run").code == 2
    assert filled("ingest").code == 0


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read as one" * 20])
def test_a_database_that_is_none_says_what_to_do(project: Path, reengage: Reengage, content: bytes) -> None:
    (project / "reengage.db").write_bytes(content)
    ran = reengage("run")
    assert ran.code == 3
    assert "name another one in reengage.toml" in ran.err


def test_a_database_in_a_folder_that_is_not_there(project: Path, reengage: Reengage) -> None:
    (project / "reengage.toml").write_text('database = "sqlite:///absent/x.db"\n', encoding="utf-8")
    ran = reengage("ingest")
    assert ran.code == 3
    assert "make its folder" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "tasks", "--to", "hubspo"), 'help: did you mean "hubspot"?'),
        (("import", "contacts", "x.csv", "--preset", "salesforc"), 'help: did you mean "salesforce"?'),
        (("import", "contact", "x.csv"), 'help: did you mean "contacts"?'),
        (("check", "--format", "sarf"), 'help: did you mean "sarif"?'),
        (("check", "--format", "0"), "help: see reengage check --help"),
        (("diff", "--rules-from", "rules", "--max-added", "-1"), "it has to be greater than or equal to 0"),
        (("run", "--limit", "many"), "error: invalid value for '--limit': it has to be a valid integer"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_our_words(
    project: Path, reengage: Reengage, arguments: tuple[str, ...], told: str
) -> None:
    ran = reengage(*arguments)
    assert ran.code == 2
    assert ran.err.startswith("error: invalid value for ")
    assert told in ran.err
    assert "Value error" not in ran.err
    assert "Input should" not in ran.err


def test_a_field_and_a_signal_cannot_have_one_name(project: Path, reengage: Reengage) -> None:
    with (project / "reengage.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[fields]\nusage = "text"\n')
    assert reengage("check").code == 0
    envelope = project / "connectors" / "envelope.yaml"
    envelope.write_text(f"{envelope.read_text(encoding='utf-8')}\ndeclares: {{usage: {{seats: number}}}}\n")
    ran = reengage("check")
    assert (ran.code, ran.out) == (1, "")
    assert '[fields] "usage" is also a signal that a connector declares' in ran.err
    assert "give one of the two another name" in ran.err
