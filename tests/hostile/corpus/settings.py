"""`reengage.toml`, the database address, the key file and the journal: what nobody would write by hand."""

from __future__ import annotations

import json

from tests.hostile.case import AT, TAKEN, Case, Content
from tests.hostile.corpus import plants

_TOML: dict[str, Content] = {
    "utf-16": 'time_zone = "UTC"\n'.encode("utf-16"),
    "invalid-utf-8": b'time_zone = "U\xffC"\n',
    "nul": 'time_zone = "U\0C"\n',
    "escape": 'time_zone = "\x1b[2J"\n',
    "gzip": b"\x1f\x8b\x08\x00" + bytes(40),
    "ten-megabytes": b"# " + b"a" * 10_000_000,
    "3000-lists": "x = " + "[" * 3000,
    "3000-closed-lists": "x = " + "[" * 3000 + "]" * 3000,
    "3000-tables": "x = " + "{a=" * 3000,
    "dotted-key-of-20000": ".".join("a" * 20_000) + " = 1\n",
    "dotted-tables": "".join(f"[{'.'.join('a' * n)}]\n" for n in range(1, 500)),
    "table-of-20000": f"[{'.'.join('a' * 20_000)}]\n",
    "many-keys": "".join(f"k{n} = 1\n" for n in range(18_000)),
    "duplicate-key": 'country = "GB"\ncountry = "DE"\n',
    "bom-twice": b"\xef\xbb\xbf\xef\xbb\xbfcountry = 'GB'\n",
    "key-of-100000": "a" * 100_000 + " = 1\n",
    "value-of-100000": f'time_zone = "{"Z" * 100_000}"\n',
    "unclosed": 'time_zone = "UTC\n',
    "endless-text": 'time_zone = """' + "a\n" * 50_000,
    "right-to-left": 'time_zone = "\u202eCTU"\n',
    "cooldown-infinite": "contact_cooldown_days = inf\n",
    "cooldown-nan": "contact_cooldown_days = nan\n",
    "cooldown-of-400-digits": f"contact_cooldown_days = {10**400}\n",
    "cooldown-of-5000-digits": f"contact_cooldown_days = {'9' * 5000}\n",
    "cooldown-of-a-million-years": "contact_cooldown_days = 400000000\n",
    "cooldown-negative": "contact_cooldown_days = -1\n",
    "cooldown-text": 'contact_cooldown_days = "many"\n',
    "cooldown-list": "contact_cooldown_days = [1]\n",
    "caps-of-400-digits": f"[caps]\nmax_tasks = {10**400}\n",
    "caps-nothing": "[caps]\nmax_tasks = 0\n",
    "caps-list": "caps = [1]\n",
    "caps-unknown": "[caps]\nmax_taks = 1\n",
    "zone-path": 'time_zone = "Etc/../passwd"\n',
    "zone-up": 'time_zone = "../../../etc/passwd"\n',
    "zone-folder": 'time_zone = "Europe"\n',
    "zone-date": "time_zone = 2025-01-01\n",
    "status-unknown": '[defaults]\naccount_status = "emperor"\n',
    "columns-list": "[import]\ncolumns = [1]\n",
    "responses-unknown": '[import.responses]\n"nope" = "emperor"\n',
    "sources-not-a-table": "[opt_outs]\nfrom = 1\n",
    "sources-never": '[opt_outs.from]\nx = {every = "0 days"}\n',
    "sources-for-ever": '[opt_outs.from]\nx = {every = "999999 years"}\n',
    "sources-name": '[opt_outs.from]\n"../x" = {every = "1 day"}\n',
    "fields-of-1000": "[fields]\n" + "".join(f'k{n} = "text"\n' for n in range(1000)),
    "fields-of-300-words": f"[fields]\nk = {json.dumps([f'w{n}' for n in range(300)])}\n",
    "fields-name-with-escape": '[fields]\n"\\u001b[2J" = "text"\n',
    "fields-name-of-50000": f'[fields]\n{"k" * 50_000} = "text"\n',
    "fields-word-of-50000": f'[fields]\nk = ["{"w" * 50_000}"]\n',
    "fields-type-of-50000": f'[fields]\nk = "{"w" * 50_000}"\n',
    "fields-that-say-stop": '[fields]\nUnsubscribed = "flag"\n',
    "fields-nested": "[fields]\nk = {a = 1}\n",
    "fields-python": '[fields]\n__class__ = "text"\n',
    "country-of-1000": f'country = "{"G" * 1000}"\nschedule = 1\n',
}

_URLS: dict[str, str] = {
    "nothing-known": "foo",
    "blank": " ",
    "mysql": "mysql://u:hunter2@localhost/x",
    "mssql": "mssql+pyodbc:///?odbc_connect=x",
    "http": "http://169.254.169.254/latest/meta-data",
    "file": "file:///etc/passwd",
    "port": "postgresql://u:hunter2@localhost:port/x",
    "port-too-large": "postgresql://u:hunter2@127.0.0.1:99999/x",
    "nobody-there": "postgresql://u:hunter2@127.0.0.1:1/x",
    "odd-option": "postgresql://u:hunter2@127.0.0.1:1/x?sslmode=banana",
    "unknown-option": "postgresql://u:hunter2@127.0.0.1:1/x?banana=1",
    "driver": "postgresql+banana://u:hunter2@127.0.0.1:1/x",
    "folder": "sqlite:////tmp",
    "no-folder": "sqlite:////nowhere/at/all/x.db",
    "device": "sqlite:////dev/null",
    "endless-device": "sqlite:////dev/zero",
    "option": "sqlite:///x.db?timeout=banana",
    "option-unknown": "sqlite:///x.db?banana=1",
    "long": f"sqlite:///{'x' * 5000}.db",
    "half-a-character": "sqlite:///\udcff.db",
    "memory": "sqlite:///:memory:/x",
}

_LINE = {
    "id": 1,
    "hash": "0" * 64,
    "kind": "opt_out",
    "scope": "person",
    "channels": [],
    "purpose": "marketing",
    "stated_by": "person",
    "source": "x",
    "effective_at": "2025-01-01T00:00:00Z",
    "keys": [],
}

JOURNALS: dict[str, Content] = {
    "not-json": "zelda9@veiled.example\n",
    "not-an-object": "[]\n",
    "unknown-keys": '{"x": 1}\n',
    "missing-keys": '{"id": 1}\n',
    "half-a-character": b'{"id": "\xff"}\n',
    "nuls": bytes(1000) + b"\n",
    "line-of-1-mb": json.dumps({**_LINE, "source": "x" * 1_000_000}) + "\n",
    "deep": "[" * 5000 + "]" * 5000 + "\n",
    "id-of-400-digits": json.dumps({**_LINE, "id": 10**400}) + "\n",
    "id-as-text": json.dumps({**_LINE, "id": "one"}) + "\n",
    "channels-as-a-number": json.dumps({**_LINE, "channels": 1}) + "\n",
    "folder": plants.folder,
    "fifo": plants.fifo,
    "endless": plants.endless,
    "loop": plants.loop,
}
"""What can stand where the journal is."""

_KEYS: dict[str, Content] = {
    "not-hex": "zelda9@veiled.example\n",
    "short": "00\n",
    "nul": b"\0" * 64,
    "invalid-ascii": b"\xff" * 64,
    "folder": plants.folder,
    "fifo": plants.fifo,
    "endless": plants.endless,
    "loop": plants.loop,
    "ten-megabytes": b"0" * 10_000_000,
    "a-million-lines": b"00\n" * 1_000_000,
}

_STOP = ("opt-out", "somebody@else.example", "--at", AT)

CASES = [
    *(
        Case(f"toml-{name}", ("run", "--dry-run", "--at", AT), {"reengage.toml": text}, ("reengage.toml",))
        for name, text in _TOML.items()
    ),
    *(
        Case(
            f"url-{name}",
            ("doctor",) if name == "blank" else ("run", "--at", AT),
            environment={"REENGAGE_DATABASE_URL": url},
        )
        for name, url in _URLS.items()
    ),
    *(Case(f"key-{name}", _STOP, {".reengage.key": content}, (".reengage.key",)) for name, content in _KEYS.items()),
    *(
        Case(f"journal-{name}", ("restore-check", "--at", AT), {".reengage.journal": content}, (".reengage.journal",))
        for name, content in JOURNALS.items()
    ),
    *(
        Case(f"journal-stop-{name}", _STOP, {".reengage.journal": content}, (".reengage.journal",), moves=True)
        for name, content in JOURNALS.items()
        if name not in ("id-of-400-digits", "channels-as-a-number")
    ),
    *(
        Case(
            f"database-{name}",
            ("run", "--at", AT),
            {"other.db": content},
            environment={"REENGAGE_DATABASE_URL": "sqlite:///other.db"},
        )
        for name, content in {
            "text": "zelda9@veiled.example\n" * 1000,
            "header-alone": b"SQLite format 3\0" + bytes(84),
            "zeros": bytes(8192),
            "folder": plants.folder,
            "fifo": plants.fifo,
            "loop": plants.loop,
        }.items()
    ),
    Case("toml-missing", ("run", "--at", AT), {"reengage.toml": plants.gone}, ("no reengage.toml",)),
    Case("toml-folder", ("run", "--at", AT), {"reengage.toml": plants.folder}, ("no reengage.toml",)),
    Case("toml-fifo", ("run", "--at", AT), {"reengage.toml": plants.fifo}, ("no reengage.toml",)),
    Case("toml-endless", ("run", "--at", AT), {"reengage.toml": plants.endless}, ("no reengage.toml",)),
    Case("toml-loop", ("run", "--at", AT), {"reengage.toml": plants.loop}, ("no reengage.toml",)),
    Case("toml-empty", ("run", "--dry-run", "--at", AT), {"reengage.toml": ""}, codes=TAKEN),
    Case(
        "empty-database",
        ("run", "--at", AT),
        {"other.db": b""},
        environment={"REENGAGE_DATABASE_URL": "sqlite:///other.db"},
    ),
]
