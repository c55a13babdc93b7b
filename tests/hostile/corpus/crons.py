"""Schedules that are no schedules, in a timer and in `reengage.toml`."""

from __future__ import annotations

from tests.hostile.case import AT, REFUSED, TAKEN, Case

_TIMER = "name: weekly\nkind: timer\ncron: '{}'\ntimezone: UTC\n"

_REFUSED = {
    "random": "R R * * *",
    "hashed": "H H * * *",
    "six-fields": "0 0 7 * * 1",
    "seven-fields": "0 0 7 * * 1 2026",
    "four-fields": "7 * * *",
    "step-from-a-number": "59/15 * * * *",
    "day-that-never-comes": "0 0 31 2 *",
    "day-of-month-and-of-week": "0 0 13 * 5",
    "step-of-nothing": "*/0 * * * *",
    "step-beyond-the-field": "*/60 * * * *",
    "backwards": "5-5/0 * * * *",
    "backwards-range": "30-10 * * * *",
    "arabic-digit": "٣ * * * *",
    "full-width-digit": "３ * * * *",
    "superscript": "² * * * *",
    "minute-of-5000-digits": f"{'9' * 5000} * * * *",
    "3000-ranges": f"{'0-59,' * 3000}0 * * * *",
    "25-ranges": f"{'0-59,' * 25} * * * *",
    "reboot": "@reboot",
    "yearly": "@yearly",
    "weekday-8": "* * * * 8",
    "last-day": "0 0 L * *",
    "nearest-weekday": "0 0 15W * *",
    "nth-weekday": "0 0 * * 5#3",
    "question-mark": "0 0 ? * 1",
    "negative": "-1 * * * *",
    "hexadecimal": "0x1F * * * *",
    "float": "1.5 * * * *",
    "shell": "$(id) * * * *",
    "zero-width": "1\u200b * * * *",
    "nothing": "",
    "blanks": "     ",
    "stars": "*****",
    "no-break-spaces": "0\u00a07\u00a0*\u00a0*\u00a01",
}

CASES = [
    *(
        Case(
            f"timer-{name}", ("check",), {"connectors/weekly.yaml": _TIMER.format(text)}, ("connectors/weekly.yaml:3",)
        )
        for name, text in _REFUSED.items()
    ),
    *(
        Case(
            f"toml-{name}",
            ("run", "--if-due", "--at", AT),
            {"reengage.toml": f"schedule = '{text}'\n"},
            ("reengage.toml",),
        )
        for name, text in _REFUSED.items()
        if name in ("random", "minute-of-5000-digits", "3000-ranges", "zero-width")
    ),
    *(
        Case(
            f"timer-{name}",
            ("ingest", "--at", AT),
            {"connectors/weekly.yaml": _TIMER.format(text)},
            codes=TAKEN,
            moves=True,
        )
        for name, text in {
            "leap-day": "0 0 29 2 *",
            "every-minute": "* * * * *",
            "lists": f"{','.join(map(str, range(30)))} * * * *",
        }.items()
    ),
    *(
        Case(
            f"zone-{name}",
            ("check",),
            {"connectors/weekly.yaml": f"name: weekly\nkind: timer\ncron: '0 7 * * 1'\ntimezone: {zone}\n"},
            ("connectors/weekly.yaml:4", "time zone"),
            REFUSED,
        )
        for name, zone in {
            "path": "Etc/../passwd",
            "up": "../../../etc/passwd",
            "absolute": "/etc/passwd",
            "unknown": "Mars/Olympus",
            "folder": "Europe",
            "long": "A" * 300,
            "offset": "'+25:00'",
        }.items()
    ),
]
