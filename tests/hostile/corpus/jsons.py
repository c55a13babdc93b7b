"""Lines of signals that are no signals, or more than one wants."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.case import AT, TAKEN_IN_PART, Case, Content

_GOOD: dict[str, Any] = {
    "id": "s-good",
    "source": "news",
    "type": "job_change",
    "time": "2025-03-02T06:00:00Z",
    "keys": {"email": "zelda101@veiled.example"},
    "facts": {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "Hidden Works 101"},
}

GOOD = json.dumps(_GOOD) + "\n"


def line(**other: Any) -> str:
    """An envelope about someone, with something of it said otherwise."""
    return json.dumps(
        {**_GOOD, "id": "s-bad", "keys": {"email": "zelda777@veiled.example"}, **other}, ensure_ascii=False
    )


def _raw(name: str, raw: str) -> str:
    """The same with a value that JSON's writer would not write."""
    return line(**{name: "HERE"}).replace('"HERE"', raw)


_LINES: dict[str, str | bytes] = {
    "nan": _raw("facts", '{"score": NaN}'),
    "infinity": _raw("facts", '{"score": -Infinity}'),
    "10-to-the-400": _raw("facts", '{"score": 1e400}'),
    "400-digits": _raw("facts", f'{{"score": {10**400}}}'),
    "5000-digits": _raw("facts", f'{{"score": {"9" * 5000}}}'),
    "number-for-an-id": _raw("id", "9" * 30),
    "float-for-an-id": _raw("id", "1.5"),
    "duplicate-keys": '{"id": "a", "id": "b"}',
    "duplicate-facts": _raw("facts", '{"score": 1, "score": 2}'),
    "proto": _raw("facts", '{"__proto__": {"score": 1}}'),
    "5000-deep": '{"a":' * 5000 + "1" + "}" * 5000,
    "5000-lists": "[" * 5000 + "]" * 5000,
    "100000-lists": "[" * 100_000,
    "33-deep": _raw("facts", '{"score":' + "[" * 33 + "]" * 33 + "}"),
    "half-a-character": _raw("id", '"\\ud800"'),
    "half-a-character-in-a-key": _raw("facts", '{"\\udfff": 1}'),
    "nul": _raw("id", '"a\\u0000b"'),
    "nul-in-a-key": _raw("keys", '{"email": "a\\u0000@veiled.example"}'),
    "megabyte": line(facts={"new_company": "x" * (1 << 20)}),
    "id-of-501": line(id="x" * 501),
    "source-of-101": line(source="x" * 101),
    "system-of-65": line(keys={"vendor": {"x" * 65: "1"}}),
    "email-of-501": line(keys={"email": "x" * 501 + "@veiled.example"}),
    "10000-keys": line(keys={f"k{n}": "x" for n in range(10_000)}),
    "10000-facts": line(facts={f"f{n}": "x" for n in range(10_000)}),
    "no-keys": line(keys={}),
    "keys-as-a-list": line(keys=["zelda777@veiled.example"]),
    "keys-as-a-text": line(keys="zelda777@veiled.example"),
    "email-as-a-block": line(keys={"email": {"$ne": None}}),
    "email-as-a-list": line(keys={"email": ["zelda777@veiled.example"]}),
    "phone-as-true": line(keys={"phone": True}),
    "vendor-as-a-list": line(keys={"vendor": [1, 2]}),
    "facts-as-a-list": line(facts=[1]),
    "unknown-type": line(type="x" * 5000),
    "type-as-a-number": line(type=7),
    "computed-type": line(type="snooze_ended"),
    "timer": line(type="timer"),
    "unknown-field": line(**{"x" * 5000: 1}),
    "year-0": line(time="0000-01-01T00:00:00Z"),
    "year-1": line(time="0001-01-01T00:00:00Z"),
    "year-9999": line(time="9999-12-31T23:59:59Z"),
    "year-10000": line(time="10000-01-01T00:00:00Z"),
    "year-1-and-an-offset": line(time="0001-01-01T00:00:00+14:00"),
    "year-9999-and-an-offset": line(time="9999-12-31T23:59:59-14:00"),
    "leap-second": line(time="2016-12-31T23:59:60Z"),
    "hour-24": line(time="2025-03-01T24:00:00Z"),
    "no-offset": line(time="2025-03-01T06:00:00"),
    "offset-of-99-hours": line(time="2025-03-01T06:00:00+99:00"),
    "30-february": line(time="2025-02-30T06:00:00Z"),
    "epoch": line(time=1_700_000_000),
    "epoch-as-text": line(time="1700000000"),
    "time-as-nan": _raw("time", "NaN"),
    "negative-epoch": line(time=-1),
    "time-of-arabic-digits": line(time="٢٠٢٥-٠٣-٠١T06:00:00Z"),
    "time-of-5000": line(time="2" * 5000),
    "future": line(time="2150-01-01T00:00:00Z"),
    "certainty": line(certainty="absolutely " * 500),
    "score-as-a-text": line(type="intent", keys={"domain": "veiled.example"}, facts={"score": "many"}),
    "score-true": line(type="intent", keys={"domain": "veiled.example"}, facts={"score": True}),
    "score-infinite-text": line(type="intent", keys={"domain": "veiled.example"}, facts={"score": "inf"}),
    "score-nan-text": line(type="intent", keys={"domain": "veiled.example"}, facts={"score": "nan"}),
    "score-of-5000-digits-text": line(type="intent", keys={"domain": "veiled.example"}, facts={"score": "9" * 5000}),
    "seniority-unknown": line(facts={"new_seniority": "emperor"}),
    "fact-as-a-list": line(facts={"new_company": ["a"]}),
    "fact-of-another-kind": line(facts={"amount": 1}),
    "not-json": "zelda777@veiled.example, Quiverdale",
    "python": "{'id': 1}",
    "comment": "// {}",
    "trailing-comma": '{"id": "a",}',
    "two-objects": '{"id": "a"} {"id": "b"}',
    "list": "[]",
    "null": "null",
    "true": "true",
    "text": '"zelda777@veiled.example"',
    "cut": line()[:100],
    "bom-in-the-middle": b"\xef\xbb\xbf" + line().encode(),
    "invalid-utf-8": line().encode().replace(b"Hooli", b"Ho\xffoli"),
    "latin-1": line(facts={"new_company": "Caf\u00e9"}).encode("latin-1"),
    "encoded-surrogate": line().encode().replace(b"Hooli", b"Ho\xed\xa0\x80oli"),
    "overlong-slash": line().encode().replace(b"Hooli", b"Ho\xc0\xafoli"),
    "raw-nul": line().replace("Hooli", "Ho\0oli"),
    "raw-escape": line().replace("Hooli", "Ho\x1b[31moli"),
    "no-newline-10-mb": b"{" + b"a" * 10_000_000,
}


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _files(content: Content) -> dict[str, Content]:
    return {"signals/today.jsonl": content}


_INGEST = ("ingest", "envelope", "--at", AT)

CASES = [
    Case(
        name,
        _INGEST,
        _files(GOOD.encode() + _bytes(text) + b"\n" + GOOD.replace("s-good", "s-fine").encode()),
        ("signals/today.jsonl:2: ",),
        TAKEN_IN_PART,
        signals=frozenset({"s-good", "s-fine"}),
    )
    for name, text in _LINES.items()
] + [
    Case(name, _INGEST, _files(content), says, TAKEN_IN_PART)
    for name, content, says in (
        ("all-of-it-bad", "{}\n" * 1000, ("rows cannot be read",)),
        ("utf-16", GOOD.encode("utf-16"), ("signals/today.jsonl:1: ",)),
        ("gzip", b"\x1f\x8b\x08\x00" + bytes(range(256)), ("signals/today.jsonl:1: ",)),
        ("zip", b"PK\x03\x04" + bytes(range(256)), ("signals/today.jsonl:1: ",)),
        ("nuls", bytes(100_000), ("signals/today.jsonl:1: ",)),
        ("carriage-returns", (GOOD.strip() + "\r" + line() + "\r").encode(), ("signals/today.jsonl:1: ",)),
        ("one-array", f"[{GOOD.strip()},{line()}]", ("signals/today.jsonl:1: ",)),
    )
]

LAB = [
    Case("100-mb-in-one-line", _INGEST, _files(b"a" * 100_000_000), ("signals/today.jsonl:1: ",), TAKEN_IN_PART),
    Case("20000-bad-lines", _INGEST, _files(b"{}\n" * 20_000), ("rows cannot be read",), TAKEN_IN_PART),
]
