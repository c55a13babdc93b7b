"""Paths and files that are none, wherever one is read or written."""

from __future__ import annotations

from tests.hostile.case import AT, REFUSED, TAKEN, TAKEN_IN_PART, Case
from tests.hostile.corpus import plants
from tests.hostile.corpus.jsons import GOOD as SIGNAL
from tests.hostile.people import GOOD, sheet

_PLANTS = {
    "folder": plants.folder,
    "fifo": plants.fifo,
    "endless": plants.endless,
    "loop": plants.loop,
    "dangling": plants.dangling,
}

_PATHS = {
    "up": "../../x",
    "root": "/",
    "project": ".",
    "empty": "",
    "up-and-down": "a/../../b",
    "reserved": "CON",
    "300-characters": "a" * 300,
    "5000-characters": "a/" * 2500,
    "url": "file:///etc/passwd",
    "metadata": "http://169.254.169.254/",
    "escape": "\x1b[2Jx.csv",
    "right-to-left": "\u202evsc.x",
    "newline": "a\nb.csv",
    "half-a-character": "\udcff.csv",
    "glob": "*",
    "shell": "$(id).csv",
    "home": "~/x.csv",
    "device": "/dev/zero",
    "process": "/proc/self/mem",
    "markup": "[bold]x[/bold]",
}

_OUT = ("export", "opt-outs")
_DROP = ("ingest", "envelope", "--at", AT)

_INVALID_NAME = "signals/\udcff.jsonl"

CASES = [
    *(
        Case(f"import-{name}", ("import", "contacts", "in.csv", "--at", AT), {"in.csv": plant}, ("in.csv",))
        for name, plant in _PLANTS.items()
    ),
    *(Case(f"import-path-{name}", ("import", "contacts", path, "--at", AT)) for name, path in _PATHS.items()),
    *(
        Case(f"rules-{name}", ("check",), {"rules/spring.yaml": plant}, ("rules/spring.yaml",))
        for name, plant in _PLANTS.items()
    ),
    *(
        Case(f"connectors-{name}", ("check",), {"connectors/spring.yaml": plant}, ("connectors/spring.yaml",))
        for name, plant in _PLANTS.items()
    ),
    *(
        Case(
            f"signals-{name}",
            _DROP,
            {"signals/a.jsonl": plant, "signals/b.jsonl": SIGNAL},
            codes=TAKEN,
            signals=frozenset({"s-good"}),
        )
        for name, plant in _PLANTS.items()
    ),
    Case("signals-outside", _DROP, {"signals/a.jsonl": plants.outside}, ("outside the project",), REFUSED),
    Case("signals-named-by-no-text", _DROP, {_INVALID_NAME: SIGNAL}, codes=frozenset({1})),
    Case("signals-named-like-an-escape", _DROP, {"signals/\x1b[2J.jsonl": "{}\n"}, codes=TAKEN_IN_PART),
    Case("signals-named-like-markup", _DROP, {"signals/[red]x.jsonl": "{}\n"}, ("[red]x",), TAKEN_IN_PART),
    Case("signals-named-right-to-left", _DROP, {"signals/\u202elnosj.jsonl": "{}\n"}, codes=TAKEN_IN_PART),
    Case("rules-named-like-an-escape", ("check",), {"rules/\x1b[2J.yaml": "x\n"}),
    Case("rules-named-by-no-text", ("check",), {"rules/\udcff.yaml": "x\n"}),
    *(
        Case(
            f"out-{name}",
            (*_OUT, "--out", "out"),
            {"out": plant},
            ("out",),
            codes=TAKEN if name == "folder" else REFUSED,
        )
        for name, plant in _PLANTS.items()
    ),
    *(
        Case(f"out-path-{name}", ("export", "opt-outs", "--out", path))
        for name, path in _PATHS.items()
        if name in ("300-characters", "5000-characters", "device")
    ),
    *(
        Case(f"out-path-{name}", ("export", "opt-outs", "--out", _PATHS[name]), codes=TAKEN)
        for name in ("escape", "right-to-left", "newline", "shell", "markup")
    ),
    *(
        Case(f"init-{name}", ("init", path))
        for name, path in _PATHS.items()
        if name in ("project", "300-characters", "5000-characters", "device", "process")
    ),
    Case("rules-a-file", ("check",), {"rules": plants.file_instead}, ("rules",)),
    *(
        Case(
            f"named-{name}",
            ("import", "contacts", file, "--at", AT),
            {file: sheet(GOOD)},
            codes=TAKEN,
            brings=frozenset({"G-1"}),
        )
        for name, file in {
            "escape": "\x1b[2J.csv",
            "newline": "a\nb.csv",
            "right-to-left": "\u202evsc.csv",
            "markup": "[bold]x[/].csv",
        }.items()
    ),
    *(
        Case(
            f"named-{name}-bad",
            ("import", "contacts", file, "--at", AT),
            {file: sheet(GOOD) + "x\n"},
            codes=TAKEN_IN_PART,
            brings=frozenset({"G-1"}),
        )
        for name, file in {"escape": "\x1b[2J.csv"}.items()
    ),
]
