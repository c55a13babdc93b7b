"""Arguments of the command line that name nobody, or want to be something else."""

from __future__ import annotations

from tests.hostile.case import AT, Case

NAMES = {
    "empty": "",
    "blank": "   ",
    "null": "null",
    "none": "None",
    "true": "true",
    "zero": "0",
    "dash": "--",
    "star": "*",
    "percent": "%",
    "quote": "'",
    "sql": "Robert'); DROP TABLE contact;--",
    "sql-or": "' OR 1=1 --",
    "shell": "$(touch pwned)",
    "template": "{{7*7}}",
    "format": "{0.__class__}",
    "percent-format": "%(x)s",
    "html": '"><script>alert(1)</script>',
    "markup": "[link=file:///etc/passwd]x[/link]",
    "markup-unclosed": "[/bold]",
    "formula": "=cmd|'/c calc'!A1",
    "escape": "\x1b[2J\x07",
    "newline": "C-1\nC-2",
    "tab": "C-1\tC-2",
    "right-to-left": "\u202e1-C",
    "zero-width": "\u200b\u200b",
    "half-a-character": "\udcff",
    "emoji": "🤷🏽‍♀️",
    "combining": "e" + "\u0301" * 5000,
    "64-kib": "x" * 65_536,
    "64-kib-of-digits": "9" * 65_536,
    "64-kib-of-dots": "." * 65_536,
    "64-kib-of-ats": "@" * 65_536,
    "arabic-digits": "٣" * 500,
    "path": "../../etc/passwd",
}

_BECAUSE = ("--because", "x", "--at", AT)
_PROOF = (
    "--words",
    "w",
    "--wording",
    "w",
    "--where",
    "w",
    "--when",
    "2025-03-01",
    "--proof",
    "p",
    "--recorded-by",
    "a",
    "--approved-by",
    "b",
)

_MOMENTS = {
    "year-0": "0000-01-01",
    "year-1": "0001-01-01T00:00:00+14:00",
    "year-9999": "9999-12-31T23:59:59-14:00",
    "year-10000": "10000-01-01",
    "leap-second": "2016-12-31T23:59:60Z",
    "30-february": "2025-02-30",
    "epoch": "1700000000",
    "now": "now",
    "empty": "",
    "arabic": "٢٠٢٥-٠١-٠١",
    "64-kib": "2" * 65_536,
    "offset": "2025-01-01T00:00:00+99:00",
    "half-a-character": "\udcff",
    "far-future": "2199-12-31",
    "before-the-book": "1970-01-01",
}

CASES = [
    *(Case(f"opt-out-{name}", ("opt-out", "--at", AT, "--", text)) for name, text in NAMES.items()),
    *(Case(f"merge-{name}", ("merge", *_BECAUSE, "--", "B-1", text)) for name, text in NAMES.items()),
    *(
        Case(f"{command}-{name}", (command, *options, "--", text))
        for command, options in (
            ("explain", ("--at", AT)),
            ("erase", ("--at", AT)),
            ("re-consent", (*_PROOF, "--at", AT)),
        )
        for name, text in NAMES.items()
        if name in ("empty", "sql", "escape", "half-a-character", "64-kib", "markup-unclosed")
    ),
    *(
        Case(f"split-{name}", ("split", *_BECAUSE, "--", "B-1", text))
        for name, text in NAMES.items()
        if name
        in (
            "empty",
            "sql",
            "escape",
            "half-a-character",
            "64-kib",
            "64-kib-of-digits",
            "64-kib-of-ats",
            "markup-unclosed",
        )
    ),
    *(Case(f"at-{name}", ("run", "--at", text)) for name, text in _MOMENTS.items()),
    *(
        Case(f"{name}-half-a-character", arguments)
        for name, arguments in {
            "words": ("opt-out", "x@else.example", "--words", "\udcff", "--at", AT),
            "source": ("opt-out", "x@else.example", "--source", "\udcff", "--at", AT),
            "because": ("merge", "B-1", "B-2", "--because", "\udcff", "--at", AT),
            "connector": ("ingest", "\udcff"),
            "backfill": ("run", "--backfill", "\udcff", "--at", AT),
            "source-of-import": ("import", "opt-outs", "x.csv", "--source", "\udcff"),
        }.items()
    ),
    Case(
        "limit-of-400-digits",
        ("run", "--backfill", "new-job", "--limit", "9" * 400, "--at", AT),
        codes=frozenset({0, 1, 2}),
        moves=True,
    ),
    Case("limit-negative", ("run", "--backfill", "new-job", "--limit", "-1", "--at", AT)),
    Case("review-of-nothing", ("review", "9" * 400, "--confirm", "--because", "x", "--at", AT)),
    Case("target-unknown", ("export", "tasks", "--to", "../x", "--at", AT)),
    Case("command-unknown", ("rum",), codes=frozenset({2})),
    Case("command-of-1000", ("x" * 1000,), codes=frozenset({2})),
    Case("option-of-1000", ("run", "--" + "x" * 1000), codes=frozenset({2})),
]
