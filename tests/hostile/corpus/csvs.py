"""Tables that are no tables, or whose cells want to be something else."""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.hostile.case import AT, REFUSED, TAKEN, TAKEN_IN_PART, Case, Content
from tests.hostile.people import GOOD, HEADINGS, person, sheet

_FINE = person("G-2", 2, title="Präsidentin für Übergrößen")
_BOTH = frozenset({"G-1", "G-2"})


def _zip(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, sheet(GOOD))
    return packed.getvalue()


def _between(row: str | bytes) -> bytes:
    """A row between two good ones."""
    raw = row.encode("utf-8", "surrogatepass") if isinstance(row, str) else row
    return sheet(GOOD).encode() + raw + b"\n" + sheet(_FINE).partition("\n")[2].encode()


_WHOLE: dict[str, Content] = {
    "empty": b"",
    "newlines": b"\n" * 10_000,
    "bom-alone": b"\xef\xbb\xbf",
    "headings-alone-of-nothing": b",,,,,,,\n",
    "utf-16": sheet(GOOD).encode("utf-16"),
    "utf-16-be": b"\xfe\xff" + sheet(GOOD).encode("utf-16-be"),
    "utf-16-without-mark": sheet(GOOD).encode("utf-16-le"),
    "utf-32": sheet(GOOD).encode("utf-32"),
    "gzip": gzip.compress(sheet(GOOD).encode(), mtime=0),
    "zip": _zip("contacts.csv"),
    "xlsx": _zip("xl/workbook.xml"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "sqlite": b"SQLite format 3\0" + bytes(4096),
    "html": "<html><body><table><tr><td>zelda1@veiled.example</td></tr></table></body></html>",
    "json": '[{"contact_id": "G-1", "email": "zelda1@veiled.example"}]',
    "nuls": bytes(100_000),
    "random": bytes((n * 7919 + n // 251) % 256 for n in range(100_000)),
    "one-megabyte-without-newline": b"a" * 1_000_000,
    "ten-megabytes-without-newline": b"a" * 10_000_000,
    "heading-of-1-mb": sheet(GOOD).replace("title", "t" * 1_000_001),
    "heading-with-nul": sheet(GOOD).replace("title", "ti\0tle"),
    "10000-columns-and-no-contact-id": ",".join(f"c{n}" for n in range(10_000)) + "\n",
    "duplicate-headings": sheet(GOOD).replace('"title"', '"email"'),
    "duplicate-headings-of-10000": ",".join(["contact_id"] * 10_000) + "\n",
    "heading-quote-never-closed": '"contact_id,email\n' + "G-1,zelda1@veiled.example\n" * 10_000,
    "heading-stop-that-is-not-mapped": sheet(GOOD).replace('"title"', '"Do Not Call"'),
    "heading-full-width": sheet(GOOD).replace("contact_id", "ｃｏｎｔａｃｔ＿ｉｄ"),
    "heading-homoglyph": sheet(GOOD).replace("contact_id", "c\u043entact_id"),
    "heading-zero-width": sheet(GOOD).replace("contact_id", "contact\u200b_id"),
    "heading-right-to-left": sheet(GOOD).replace("contact_id", "\u202edi_tcatnoc"),
    "heading-escape": sheet(GOOD).replace("contact_id", "\x1b[2Jcontact_id"),
    "no-headings": sheet(GOOD).partition("\n")[2],
    "pipe-delimited": sheet(GOOD, delimiter="|"),
    "ascii-separators": sheet(GOOD, delimiter="\x1f", end="\x1e"),
}

_ROWS: dict[str, str | bytes] = {
    "nul": "X-1,Zelda\0,Quiverdale,zelda9@veiled.example,,,,",
    "invalid-utf-8": b"X-1,Zel\xffda,Quiverdale,zelda9@veiled.example,,,,",
    "half-a-character": "X-1,Zel\ud800da,Quiverdale,zelda9@veiled.example,,,,",
    "overlong": b"X-1,Zel\xc0\xafda,Quiverdale,zelda9@veiled.example,,,,",
    "too-few-cells": "X-1,Zelda",
    "too-many-cells": "X-1,Zelda,Quiverdale,zelda9@veiled.example,,,,,,,,",
    "10000-cells": "X-1" + ",zelda9@veiled.example" * 10_000,
    "text-after-a-quote": '"X-1"x,Zelda,Quiverdale,zelda9@veiled.example,,,,',
    "cell-of-1-mb": f"X-1,{'Z' * 1_000_000},Quiverdale,zelda9@veiled.example,,,,",
    "cell-of-10-mb": f"X-1,{'Z' * 10_000_000},Quiverdale,zelda9@veiled.example,,,,",
    "cell-of-200-kb-in-quotes": f'X-1,"{"Z" * 200_000}",Quiverdale,zelda9@veiled.example,,,,',
    "quotes-of-100-kb": "X-1," + '"' * 100_001 + ",Quiverdale,zelda9@veiled.example,,,,",
    "no-id": ",Zelda,Quiverdale,zelda9@veiled.example,,,,",
    "id-of-blanks": "  \t ,Zelda,Quiverdale,zelda9@veiled.example,,,,",
    "nothing-legible": "X-1,Zelda,Quiverdale,@@@@@,....,javascript:alert(1),,",
    "email-of-64-kib": f"X-1,Zelda,Quiverdale,{'z' * 65_000}@veiled.example,,,,",
    "email-of-many-dots": f"X-1,Zelda,Quiverdale,z@{'a.' * 30_000}example,,,,",
    "email-of-many-ats": f"X-1,Zelda,Quiverdale,{'z@' * 30_000}veiled.example,,,,",
    "email-of-comments": f"X-1,Zelda,Quiverdale,{'(' * 20_000}z{')' * 20_000}@veiled.example,,,,",
    "email-of-quotes": f"X-1,Zelda,Quiverdale,{'<' * 60_000},,,,",
    "emails-by-the-thousand": f"X-1,Zelda,Quiverdale,{';' * 60_000},,,,",
    "phone-of-arabic-digits-60000": f"X-1,Zelda,Quiverdale,,{'٣' * 60_000},,,",
    "phone-of-extensions": f"X-1,Zelda,Quiverdale,,{'x1' * 30_000},,,",
    "profile-of-64-kib": f"X-1,Zelda,Quiverdale,,,linkedin.com/{'a' * 65_000},,",
    "profile-elsewhere": "X-1,Zelda,Quiverdale,,,http://169.254.169.254/linkedin.com/in/x,,",
}

_TAKE = ("import", "contacts", "in.csv", "--at", AT)

_HOSTILE_OTHERS: dict[str, tuple[str, str, str]] = {
    "moment-of-year-0": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,0000-01-01T00:00:00Z"),
    "moment-of-year-9999": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,9999-12-31T23:59:59-12:00"),
    "moment-of-year-10000": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,10000-01-01"),
    "moment-of-year-1": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,0001-01-01T00:00:00+14:00"),
    "moment-with-leap-second": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,2016-12-31T23:59:60Z"),
    "moment-of-64-kib": ("conversations", "conversation_id,contact_id,at", f"K-9,B-1,{'2' * 65_000}"),
    "moment-30-february": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,2025-02-30"),
    "moment-epoch": ("conversations", "conversation_id,contact_id,at", "K-9,B-1,1700000000"),
    "day-of-year-0": ("conversations", "conversation_id,contact_id,at,call_back_on", "K-9,B-1,2025-01-01,0000-01-01"),
    "day-of-year-10000": (
        "conversations",
        "conversation_id,contact_id,at,call_back_on",
        "K-9,B-1,2025-01-01,10000-01-01",
    ),
    "day-of-13-months": (
        "conversations",
        "conversation_id,contact_id,at,contract_ends",
        "K-9,B-1,2025-01-01,2025-13-45",
    ),
    "response-of-64-kib": (
        "conversations",
        "conversation_id,contact_id,at,response",
        f"K-9,B-1,2025-01-01,{'r' * 65_000}",
    ),
    "response-with-escape": ("conversations", "conversation_id,contact_id,at,response", "K-9,B-1,2025-01-01,\x1b[2Jno"),
    "response-right-to-left": (
        "conversations",
        "conversation_id,contact_id,at,response",
        "K-9,B-1,2025-01-01,\u202eon",
    ),
    "channel-of-64-kib": (
        "conversations",
        "conversation_id,contact_id,at,channel",
        f"K-9,B-1,2025-01-01,{'c' * 65_000}",
    ),
    "category-of-sql": (
        "conversations",
        "conversation_id,contact_id,at,category",
        "K-9,B-1,2025-01-01,'; DROP TABLE contact;--",
    ),
    "talk-with-nobody": ("conversations", "conversation_id,contact_id,at", "K-9,nobody,2025-01-01"),
    "owner-of-nowhere": ("owners", "owner_email,time_zone", "pat@us.example,Etc/../passwd"),
    "owner-of-a-zone-of-64-kib": ("owners", "owner_email,time_zone", f"pat@us.example,{'Z' * 65_000}"),
    "owner-without-an-address": ("owners", "owner_email", "@@@"),
    "owner-active-perhaps": ("owners", "owner_email,active", "pat@us.example,perhaps"),
    "outcome-of-no-task": ("outcomes", "task_key,status,at", "rx-none,completed,2025-01-01"),
    "outcome-of-a-status": ("outcomes", "task_key,status,at", "rx-none,'; DROP TABLE task;--,2025-01-01"),
    "outcome-of-a-key-of-64-kib": ("outcomes", "task_key,status,at", f"{'k' * 65_000},completed,2025-01-01"),
    "stop-of-nobody": ("opt-outs", "email,phone", "@@@,...."),
    "stop-of-64-kib": ("opt-outs", "email,phone", f"{'e' * 65_000},{'9' * 65_000}"),
    "stop-of-a-domain-of-dots": ("opt-outs", "email,domain", f",{'.' * 60_000}"),
}

_PRESETS = ("hubspot", "salesforce", "pipedrive", "espocrm", "odoo")

CASES = [
    *(Case(f"file-{name}", _TAKE, {"in.csv": content}, ("in.csv",), REFUSED) for name, content in _WHOLE.items()),
    *(
        Case(f"row-{name}", _TAKE, {"in.csv": _between(row)}, ("in.csv:3: ",), TAKEN_IN_PART, _BOTH)
        for name, row in _ROWS.items()
    ),
    *(
        Case(
            name,
            ("import", kind, "in.csv", "--at", AT),
            {"in.csv": f"{headings}\n{row}\n"},
            ("in.csv:2: ",),
            TAKEN_IN_PART,
        )
        for name, (kind, headings, row) in _HOSTILE_OTHERS.items()
    ),
    *(
        Case(f"preset-{preset}-{name}", (*_TAKE, "--preset", preset), {"in.csv": content}, ("in.csv",), REFUSED)
        for preset in _PRESETS
        for name, content in (
            ("nothing-of-it", sheet(GOOD).replace("contact_id", "x")),
            ("utf-16", sheet(GOOD).encode("utf-16")),
            ("duplicates", ",".join(["Id", "id", "ID", "Id"] * 100) + "\n"),
        )
    ),
    *(
        Case(
            f"heading-{name}",
            _TAKE,
            {"in.csv": sheet(GOOD).replace("title", heading)},
            codes=TAKEN,
            brings=frozenset({"G-1"}),
        )
        for name, heading in {
            "of-64-kib": "t" * 65_536,
            "with-escape": "\x1b[2Jtitle",
            "right-to-left": "\u202eeltit",
            "formula": "=title",
            "html": "<script>alert(1)</script>",
            "markup": "[bold]title[/bold][link=file:///etc/passwd]x",
        }.items()
    ),
    Case(
        "phone-of-60000-digits",
        _TAKE,
        {"in.csv": _between(f"X-1,Zelda,Quiverdale,zelda9@veiled.example,{'0' * 60_000},,,")},
        codes=TAKEN,
        brings=_BOTH | {"X-1"},
    ),
    Case(
        "quote-never-closed",
        _TAKE,
        {"in.csv": sheet(GOOD) + '"X-1,Zelda\n' + sheet(_FINE).partition("\n")[2]},
        ("in.csv:3: ",),
        TAKEN_IN_PART,
        _BOTH,
    ),
    Case(
        "quotes-never-closed-by-the-hundred",
        _TAKE,
        {"in.csv": sheet(GOOD) + '"X-1,Zelda\n' * 300},
        ("in.csv:3: ",),
        TAKEN_IN_PART,
        frozenset({"G-1"}),
    ),
    Case("carriage-returns", _TAKE, {"in.csv": sheet(GOOD, _FINE, end="\r")}, codes=TAKEN, brings=_BOTH),
    Case(
        "mixed-line-ends",
        _TAKE,
        {"in.csv": sheet(GOOD, end="\r\n") + sheet(_FINE, end="\r").partition("\r")[2]},
        codes=TAKEN,
        brings=_BOTH,
    ),
    Case(
        "10000-columns",
        _TAKE,
        {"in.csv": sheet(GOOD, headings=(*HEADINGS, *(f"c{n}" for n in range(10_000))))},
        codes=TAKEN,
        brings=frozenset({"G-1"}),
    ),
    Case(
        "10000-columns-by-preset",
        (*_TAKE, "--preset", "hubspot"),
        {
            "in.csv": "Record ID,Email,"
            + ",".join(f"c{n}" for n in range(10_000))
            + "\n7,zelda1@veiled.example"
            + "," * 10_000
            + "\n"
        },
        codes=TAKEN,
        brings=frozenset({"hubspot-7"}),
    ),
    Case(
        "cell-of-100-kb",
        _TAKE,
        {"in.csv": sheet({**GOOD, "title": "VP " * 33_000})},
        codes=frozenset({0, 1}),
        brings=frozenset({"G-1"}),
    ),
    Case(
        "csv-signals-of-nothing",
        ("ingest", "job_changes", "--at", AT),
        {"signals/job-changes/a.csv": b"\0" * 1000},
        codes=TAKEN_IN_PART,
    ),
    Case(
        "csv-signals-without-a-column",
        ("ingest", "job_changes", "--at", AT),
        {"signals/job-changes/a.csv": "Email,x\nzelda9@veiled.example,1\n"},
        ("no column",),
        TAKEN_IN_PART,
    ),
    Case(
        "csv-signals-in-utf-16",
        ("ingest", "job_changes", "--at", AT),
        {"signals/job-changes/a.csv": sheet(GOOD).encode("utf-16")},
        ("UTF-16",),
        TAKEN_IN_PART,
    ),
]

LAB = [
    Case("100-mb-without-newline", _TAKE, {"in.csv": b"a" * 100_000_000}, ("in.csv",), REFUSED),
    Case(
        "100-mb-quote-never-closed",
        _TAKE,
        {"in.csv": sheet(GOOD).encode() + b'"' + b"a\n" * 50_000_000},
        ("in.csv",),
        REFUSED,
    ),
    Case(
        "quotes-never-closed-by-the-ten-thousand",
        _TAKE,
        {"in.csv": sheet(GOOD) + '"X-1,Zelda\n' * 10_000},
        codes=TAKEN_IN_PART,
        brings=frozenset({"G-1"}),
    ),
]
