"""YAML that is no YAML, that wants to grow, to run something, or to mean something else."""

from __future__ import annotations

from tests.hostile.case import AT, REFUSED, TAKEN, TAKEN_IN_PART, Case, Content

LIMIT = 256 * 1024

_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
_RULE = """\
rules:
  - id: {id}
    who: {{said: {said}}}
    when: {{intent: {{within: {within}, topic: {topic}, score: {{at_least: {score}}}}}}}
    then: {{create_task: {{subject: "{subject}"}}}}
"""


def rule(**words: str) -> str:
    """A rule file that is fine but for what is said."""
    fine = {"id": "spring", "said": "not_now", "within": "14 days", "topic": "crm", "score": "60", "subject": "News"}
    return _RULE.format(**{**fine, **words})


_SYNTAX: dict[str, Content] = {
    "alias-bomb": _BOMB,
    "self-reference": "a: &x [*x]\n",
    "anchor": "rules: &rules []\n",
    "unknown-alias": "rules: *nothing\n",
    "python-object": '!!python/object/apply:os.system ["id"]\n',
    "python-name": "rules: !!python/name:os.system\n",
    "python-module": "rules: !!python/module:os\n",
    "own-tag": "rules: !include /etc/passwd\n",
    "binary-tag": "rules: !!binary aWQ=\n",
    "merge-key": "rules:\n  - <<: {id: a}\n",
    "merge-alias": "x: &x {id: a}\nrules:\n  - <<: *x\n",
    "duplicate-key": "opt_out: [email]\nopt_out: [phone]\n",
    "duplicate-rules": "rules: []\nrules: []\n",
    "3000-lists": "[" * 3000,
    "2000-blocks": "{" * 2000,
    "3000-dashes": "- " * 3000,
    "3000-question-marks": "? " * 3000,
    "100000-lists": "[" * 100_000,
    "deep-indents": "".join(f"{' ' * n}a:\n" for n in range(200)),
    "two-documents": "rules: []\n---\nrules: []\n",
    "end-and-more": "rules: []\n...\nrules: []\n",
    "directive": "%YAML 9.9\n---\nrules: []\n",
    "tag-directive": "%TAG ! tag:evil.example,2000:\n---\nrules: !x []\n",
    "tabs": "rules:\n\t- id: a\n",
    "on-is-a-key": "on: true\n",
    "utf-16": "rules: []\n".encode("utf-16"),
    "utf-16-be": b"\xfe\xff" + "rules: []\n".encode("utf-16-be"),
    "utf-32": "rules: []\n".encode("utf-32"),
    "latin-1": "rules: # café\n".encode("latin-1"),
    "half-a-character": b"rules: # \xed\xa0\x80\n",
    "overlong": b"rules: # \xc0\xaf\n",
    "nul": "rules: []\0\n",
    "escape": "rules: # \x1b[2J\n",
    "escape-in-quotes": 'rules: ["\\e[2J"]\n',
    "bell": "rules: # \x07\n",
    "binary": bytes(range(256)) * 4,
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + bytes(40),
    "zip": b"PK\x03\x04" + bytes(60),
    "ten-megabytes": b"rules: '" + b"a" * 10_000_000 + b"'\n",
    "just-too-large": b"# " + b"a" * LIMIT,
    "one-long-scalar": "rules: '" + "a" * (LIMIT - 20) + "'\n",
    "one-long-key": "a" * (LIMIT - 20) + ": 1\n",
    "one-long-number": "rules: " + "9" * (LIMIT - 20) + "\n",
    "quote-never-closed": 'rules: "' + "a\n" * 1000,
    "block-scalar": "rules: |\n" + " a\n" * 80_000,
    "unknown-keys": "".join(f"k{n}: 1\n" for n in range(24_000)),
    "unknown-keys-in-a-rule": "rules:\n  - id: a\n" + "".join(f"    k{n}: 1\n" for n in range(18_000)),
    "empty-rules": "rules:\n" + "  - {}\n" * 30_000,
    "rules-of-nothing": "rules:\n" + "  -\n" * 60_000,
    "flow-of-nothing": "rules: [" + "{}," * 80_000 + "]\n",
    "duplicates": "a: 1\n" * 50_000,
    "colons": ":" * 200_000,
    "colon-space": ": " * 100_000,
    "quotes": "'" * 200_000,
    "exclamation-marks": "!" * 200_000,
    "ampersands": "&a " * 80_000,
    "commas": "[" + "," * 200_000,
    "open-quotes-in-lists": "[" + '"a", ' * 40_000,
    "a-list": "- rules\n",
    "a-word": "rules\n",
    "rules-as-a-word": "rules: all of them\n",
    "rules-as-a-block": "rules: {id: a}\n",
    "lists-for-keys": "? [a, b]\n: c\n",
    "blocks-for-keys": "{{a: b}: c}\n",
    "null-key": "~: 1\n",
    "escapes-of-half-characters": 'rules: "\\uD800"\n',
    "escape-of-nul": 'rules: "\\0"\n',
    "next-line": "rules:\x85- id: a\n",
    "line-separator": "rules:\u2028- id: a\n",
    "right-to-left": "rules: \u202e]\n",
    "zero-width-key": "ru\u200bles: []\n",
    "homoglyph-key": "rul\u0435s: []\n",
}

_VALUES: dict[str, str] = {
    "norway": rule(said="NO"),
    "on": rule(said="on"),
    "time-of-day": rule(score="12:30"),
    "version": rule(within="1.10"),
    "infinity": rule(score=".inf"),
    "not-a-number": rule(score=".nan"),
    "nan-in-words": rule(score="NaN"),
    "26-digits": rule(score="9" * 26),
    "400-digits": rule(score="9" * 400),
    "exponent": rule(score="1e308"),
    "hexadecimal": rule(score="0xFF"),
    "underscores": rule(score="1_000"),
    "arabic-digits": rule(score="٣٠"),
    "negative-duration": rule(within="-3 days"),
    "endless-duration": rule(within="999999 years"),
    "duration-of-nothing": rule(within="0 days"),
    "duration-of-5000-digits": rule(within="9" * 5000 + " days"),
    "date-that-is-none": rule(within="2025-13-45"),
    "null-word": rule(said="null"),
    "tilde": rule(said="~"),
    "nested": rule(said="[[not_now]]"),
    "empty-list": rule(said="[]"),
    "jinja": rule(subject="{{{{7*7}}}}"),
    "jinja-block": rule(subject="{{% for x in y %}}{{% endfor %}}"),
    "id-with-a-path": rule(id="../../etc/passwd"),
    "id-with-an-accent": rule(id="caf\u00e9"),
    "id-of-5000": rule(id="a" * 5000),
    "id-with-a-nul": rule(id='"a\\0b"'),
    "subject-of-5000": rule(subject="a" * 5000),
    "subject-of-two-lines": rule(subject="a\\nb"),
    "subject-with-escape": rule(subject="\\e[31mred"),
    "subject-right-to-left": rule(subject="\\u202egnp.exe"),
}

_DATES = """\
rules: []
tests:
  - name: a day that is none
    contact: {{said: not_now, held_since: {day}}}
    signals: []
    expect: [{{day: 2026-03-01, tasks: []}}]
"""

_PATTERN = """\
name: dropped
kind: csv
signal: intent
path: dropped/*.csv
file_facts: '{pattern}'
occurred_at: _file.x
map: {{domain: Domain}}
"""

_MAPPED = """\
name: dropped
kind: jsonl
signal: intent
path: dropped/*.jsonl
occurred_at: {when}
map: {{domain: '{expression}'}}
"""

_DECLARES = "name: dropped\nkind: csv\npath: dropped/*.csv\nsignal: intent\noccurred_at: t\nmap: {domain: d}\n"

_CONNECTORS: dict[str, str] = {
    "path-up": "name: x\nkind: jsonl\npath: ../../x\n",
    "path-absolute": "name: x\nkind: jsonl\npath: /etc/passwd\n",
    "path-up-and-down": "name: x\nkind: jsonl\npath: a/../../b\n",
    "path-home": "name: x\nkind: jsonl\npath: ~root/x\n",
    "path-drive": "name: x\nkind: jsonl\npath: 'C:\\x'\n",
    "path-share": "name: x\nkind: jsonl\npath: '\\\\host\\x'\n",
    "path-nul": 'name: x\nkind: jsonl\npath: "a\\0b"\n',
    "path-of-301": f"name: x\nkind: jsonl\npath: {'a' * 301}\n",
    "path-url": "name: x\nkind: jsonl\npath: file:///etc/passwd\n",
    "path-of-nothing": "name: x\nkind: jsonl\npath: .\n",
    "path-many-globs": f"name: x\nkind: jsonl\npath: '{'**/' * 90}x'\n",
    "name-with-a-path": "name: ../x\nkind: jsonl\npath: x\n",
    "kind-python": "name: x\nkind: os.system\npath: x\n",
    "kind-url": "name: x\nkind: http\nurl: http://169.254.169.254/\n",
    "expression-deep": _MAPPED.format(when="t", expression="[" * 250),
    "expression-parentheses": _MAPPED.format(when="t", expression="(" * 490),
    "expression-not": _MAPPED.format(when="t", expression="!" * 490 + "a"),
    "expression-python": _MAPPED.format(when="t", expression="__import__(`os`)"),
    "expression-long": _MAPPED.format(when="t", expression="a" * 501),
    "expression-doubling": _MAPPED.format(when="t", expression="|".join(["[@,@][]"] * 60)),
    "expression-doubled-text": _MAPPED.format(when="t", expression="to_string(" * 40 + "@" + ")" * 40),
    "expression-lists-of-lists": _MAPPED.format(when="t", expression="to_string(" + "|".join(["[@,@]"] * 75) + ")"),
    "pattern-nested": _PATTERN.format(pattern="(?P<x>(a+)+)$"),
    "pattern-alternatives": _PATTERN.format(pattern="(?P<x>" + "(a|a)" * 35 + ")b"),
    "pattern-many-stars": _PATTERN.format(pattern="(?P<x>a*)" + "a*" * 60 + "b"),
    "pattern-optional": _PATTERN.format(pattern="(?P<x>" + "a?" * 60 + ")" + "a" * 60),
    "pattern-huge-repeat": _PATTERN.format(pattern="(?P<x>a{65000}{65000})"),
    "pattern-unclosed": _PATTERN.format(pattern="(?P<x>"),
    "pattern-long": _PATTERN.format(pattern="(?P<x>a)" + "a" * 300),
    "date-format-endless": _MAPPED.format(when="t", expression="a") + f"date_formats: ['{'%Y' * 200}']\n",
    "date-format-nul": _MAPPED.format(when="t", expression="a") + 'date_formats: ["%Y\\0%m%d"]\n',
    "date-format-wide": _MAPPED.format(when="t", expression="a") + "date_formats: ['%1000000000d']\n",
    "ratio-infinity": _MAPPED.format(when="t", expression="a") + "max_bad_ratio: .inf\n",
    "ratio-nan": _MAPPED.format(when="t", expression="a") + "max_bad_ratio: NaN\n",
    "ratio-negative": _MAPPED.format(when="t", expression="a") + "max_bad_ratio: -1\n",
    "encoding-idna": "name: x\nkind: csv\npath: x\nsignal: intent\noccurred_at: t\nmap: {domain: d}\ncsv: {encoding: idna}\n",
    "delimiter-of-two": "name: x\nkind: csv\npath: x\nsignal: intent\noccurred_at: t\nmap: {domain: d}\ncsv: {delimiter: '||'}\n",
    "delimiter-newline": 'name: x\nkind: csv\npath: x\nsignal: intent\noccurred_at: t\nmap: {domain: d}\ncsv: {delimiter: "\\n"}\n',
    "unknown-targets": "name: x\nkind: csv\npath: x\nsignal: intent\noccurred_at: t\nmap: {"
    + ", ".join(f"k{n}: d" for n in range(20_000))
    + "}\n",
    "declares-3000-kinds": _DECLARES + "declares: {" + ", ".join(f"k{n}: {{a: text}}" for n in range(3000)) + "}\n",
    "declares-3000-facts": _DECLARES + "declares: {k: {" + ", ".join(f"a{n}: text" for n in range(3000)) + "}}\n",
    "declares-9000-words": _DECLARES + "declares: {k: {a: [" + ", ".join(f"w{n}" for n in range(9000)) + "]}}\n",
    "declares-name-of-50000": _DECLARES + f"declares: {{{'k' * 50_000}: {{a: text}}}}\n",
    "declares-lists-of-lists": _DECLARES + "declares: {k: {a: " + "[" * 25 + "]" * 25 + "}}\n",
    "declares-python": _DECLARES + "declares: {__class__: {__init__: text}}\n",
    "declares-nothing": _DECLARES + "declares:\n",
    "columns-10000": "name: x\nkind: csv\npath: x\nsignal: intent\noccurred_at: t\nmap: {domain: d}\ncsv: {header: true, columns: ["
    + ", ".join(f"k{n}" for n in range(10_000))
    + "]}\n",
}

_TABLES: dict[str, dict[str, Content]] = {
    "responses-not-a-block": {"rules/responses.yaml": "responses: [not_now]\n"},
    "responses-of-nothing": {"rules/responses.yaml": "responses:\n"},
    "responses-unknown": {"rules/responses.yaml": "responses:\n" + "".join(f"  r{n}: {{}}\n" for n in range(15_000))},
    "responses-python": {"rules/responses.yaml": "responses: !!python/object:os.system {}\n"},
    "titles-long-phrase": {"rules/titles.yaml": f"titles: {{seniority: {{vp: [{'a ' * 100_000}]}}}}\n"},
    "titles-repeated": {"rules/titles.yaml": "titles:\n  seniority:\n    vp: [" + "vp, " * 50_000 + "vp]\n"},
    "titles-no-word": {"rules/titles.yaml": "titles: {seniority: {vp: ['!!!', '---']}}\n"},
    "titles-unknown-rung": {"rules/titles.yaml": "titles: {seniority: {emperor: [emperor]}}\n"},
    "assets-javascript": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'javascript:alert(1)'}]\n"},
    "assets-data": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'data:text/html,<script>'}]\n"},
    "assets-file": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'file:///etc/passwd'}]\n"},
    "assets-http": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'http://169.254.169.254/'}]\n"},
    "assets-quote": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'https://a.example/\">x'}]\n"},
    "assets-user": {"rules/assets.yaml": "assets: [{id: a, title: A, url: 'https://us@evil.example/'}]\n"},
    "assets-repeated": {"rules/assets.yaml": "assets:\n" + "  - {id: a, title: A, url: 'https://a.example/'}\n" * 5000},
    "assets-url-of-100000": {"rules/assets.yaml": f"assets: [{{id: a, title: A, url: 'https://{'a.' * 50_000}'}}]\n"},
}

_ODD_CONNECTORS: dict[str, str] = {
    "path-glob": "name: dropped\nkind: jsonl\npath: '**/dropped/*.jsonl'\n",
    "expression-chain": _MAPPED.format(when="t", expression=".".join("a" * 240)),
    "expression-number": _MAPPED.format(when="t", expression=f"a[{'9' * 450}]"),
    "expression-doublings-allowed": _MAPPED.format(when="t", expression="|".join(["[@,@][]"] * 6)),
    "expression-texts-allowed": _MAPPED.format(when="t", expression="to_string(" * 6 + "@" + ")" * 6),
    "pattern-deep": _PATTERN.format(pattern="(?P<x>" + "(" * 90 + ")" * 91),
    "pattern-at-the-limit": _PATTERN.format(pattern="(?P<x>a*)a*b?b?b?b?c"),
}
"""Connectors that are odd but may be; they meet a file that fits none of them."""

_DROPPED: dict[str, Content] = {
    "dropped/a.jsonl": b'{"a": [' + b'"x", ' * 100_000 + b"1]}\n",
    f"dropped/{'a' * 240}.csv": "Domain\nveiled.example\n",
}

MANY = "rules:\n" + "".join(
    f"  - id: r{n}\n    who: {{said: not_now}}\n    when: {{intent: {{within: {n % 300 + 2} days, topic: t{n}}}}}\n"
    f"    then: {{create_task: {{subject: Hello}}}}\n"
    for n in range(1600)
)
"""As many rules as a file may hold, no two alike."""

CASES = [
    *(
        Case(name, ("check",), {"rules/spring.yaml": text}, ("rules/spring.yaml:",), REFUSED)
        for name, text in _SYNTAX.items()
    ),
    *(
        Case(name, ("check",), {"rules/spring.yaml": text}, ("rules/spring.yaml:",), REFUSED)
        for name, text in _VALUES.items()
    ),
    *(
        Case(f"day-{day}", ("check",), {"rules/spring.yaml": _DATES.format(day=day)}, ("rules/spring.yaml:4",), REFUSED)
        for day in (
            "2025-13-45",
            "0000-01-01",
            "10000-01-01",
            "2025-02-30",
            "20250101",
            "-2025-01-01",
            "12:30",
            "٢٠٢٥-٠١-٠١",
        )
    ),
    *(
        Case(f"connector-{name}", ("check",), {"connectors/dropped.yaml": text}, ("connectors/dropped.yaml:",), REFUSED)
        for name, text in _CONNECTORS.items()
    ),
    *(Case(name, ("check",), files, ("rules/",), REFUSED) for name, files in _TABLES.items()),
    Case("empty", ("check",), {"rules/spring.yaml": ""}, codes=TAKEN),
    Case("octal", ("check",), {"rules/spring.yaml": rule(score="0441234567")}, codes=TAKEN),
    *(
        Case(
            f"connector-{name}",
            ("ingest", "dropped", "--at", AT),
            {"connectors/dropped.yaml": text, **_DROPPED},
            codes=TAKEN_IN_PART,
        )
        for name, text in _ODD_CONNECTORS.items()
    ),
    Case("bom-twice", ("check",), {"rules/spring.yaml": b"\xef\xbb\xbf\xef\xbb\xbfrules: []\n"}, codes=TAKEN),
    Case("bom", ("check",), {"rules/spring.yaml": b"\xef\xbb\xbfrules: []\n"}, codes=TAKEN),
    Case("comments", ("check",), {"rules/spring.yaml": "# \n" * 80_000}, codes=TAKEN),
]

LAB = [Case("many-rules", ("check",), {"rules/spring.yaml": MANY}, ("1,601 rules",), TAKEN)]
"""What is honest work: it may take its time."""
