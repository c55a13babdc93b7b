"""Odoo by JSON-2 (from 19) or XML-RPC (before): `mail.activity/load`, and what a rep does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any, Protocol
from xmlrpc.client import Fault, ServerProxy

from tests.e2e.crm import Seen
from tests.e2e.web import Web


class Call(Protocol):
    """A way to call a method of a model, on these records or on none."""

    def __call__(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        """What the method returns; raises AssertionError where the server refuses."""


class Json2:
    """The JSON-2 API: arguments by name."""

    def __init__(self, url: str, database: str, key: str) -> None:
        self.web = Web(url, {"Authorization": f"bearer {key}", "X-Odoo-Database": database})

    def __call__(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        records = {} if ids is None else {"ids": list(ids)}
        return self.web.ask("POST", f"json/2/{model}/{method}", {**records, **arguments})


class XmlRpc:
    """The older API: records and what is created come first."""

    def __init__(self, url: str, database: str, login: str, key: str) -> None:
        self.server = ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)
        common = ServerProxy(f"{url}/xmlrpc/2/common")
        self.user = (database, common.authenticate(database, login, key, {}), key)

    def __call__(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        first = [] if ids is None else [list(ids)]
        if method == "create":
            first = [arguments.pop("vals_list")]
        try:
            return self.server.execute_kw(*self.user, model, method, first, arguments)
        except Fault as error:
            raise AssertionError(error.faultString[-500:]) from error


def version_of(url: str) -> int:
    """The major version of a server."""
    told: Any = ServerProxy(f"{url}/xmlrpc/2/common").version()
    return int(told["server_version_info"][0])


def connect(url: str, database: str, login: str, key: str) -> Odoo:
    """The server by the API that its version is at home with."""
    return Odoo(Json2(url, database, key) if version_of(url) >= 19 else XmlRpc(url, database, login, key))


class Odoo:
    """A database in which somebody may write contacts and activities."""

    target = "odoo"

    def __init__(self, call: Call) -> None:
        self.call = call
        self.contacts: list[int] = []

    def make_contacts(self, count: int) -> list[str]:
        made = self.call("res.partner", "create", vals_list=[{"name": f"Reengage Trial {n}"} for n in range(count)])
        self.contacts += made
        return [str(id) for id in made]

    def find_user(self) -> str:
        inside = [["share", "=", False], ["active", "=", True]]
        (found,) = self.call("res.users", "search_read", domain=inside, fields=["id"], limit=1)
        return str(found["id"])

    def take(self, file: Path) -> bool:
        fields, *rows = csv.reader(io.StringIO(file.read_text("utf-8"), newline=""))
        try:
            done = self.call("mail.activity", "load", fields=fields, data=rows)
        except AssertionError:
            return False
        return bool(done["ids"])

    def read(self, key: str) -> Seen | None:
        name = [["module", "=", "reengage"], ["name", "=", key]]
        known = self.call("ir.model.data", "search_read", domain=name, fields=["res_id"])
        found = self._activities([["id", "in", [one["res_id"] for one in known]]])
        if not found:
            return None
        (one,) = found
        is_open = one["active"] and not one["summary"].startswith("Taken back")
        return Seen(one["summary"], _text(one["note"]), one["date_deadline"], is_open)

    def count(self, contacts: Sequence[str]) -> int:
        of_them = [["res_model", "=", "res.partner"], ["res_id", "in", [int(id) for id in contacts]]]
        return len(self._activities(of_them))

    def move(self, key: str, day: str) -> None:
        self.call("mail.activity", "write", [self._id(key)], vals={"date_deadline": day})

    def complete(self, key: str) -> None:
        self.call("mail.activity", "action_feedback", [self._id(key)], feedback="Meeting booked")

    def delete(self, key: str) -> None:
        self.call("mail.activity", "unlink", [self._id(key)])

    def clean_up(self) -> None:
        left = self._activities([["res_model", "=", "res.partner"], ["res_id", "in", self.contacts]])
        self.call("mail.activity", "unlink", [one["id"] for one in left])
        self.call("res.partner", "unlink", self.contacts)

    def _activities(self, domain: list[Any]) -> list[dict[str, Any]]:
        fields = ["id", "summary", "note", "date_deadline", "active"]
        everything = {"active_test": False}
        found: list[dict[str, Any]] = self.call(
            "mail.activity", "search_read", domain=domain, fields=fields, context=everything
        )
        return found

    def _id(self, key: str) -> int:
        name = [["module", "=", "reengage"], ["name", "=", key]]
        (known,) = self.call("ir.model.data", "search_read", domain=name, fields=["res_id"])
        return int(known["res_id"])


def _text(html: str) -> str:
    """What a rep reads: the server wraps what it stores in paragraphs of its own."""
    return unescape(re.sub(r"</?p[^>]*>", "", re.sub(r"<br\s*/?>", "\n", html or "")))
