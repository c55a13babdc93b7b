"""Servers on this machine that answer as EspoCRM's and Odoo's pages describe, with the fake importers behind them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xmlrpc.client import Fault, dumps, loads

from tests.delivery.fake_espocrm import FakeEspoCrm
from tests.delivery.fake_odoo import FakeOdoo

KEY = "key-of-the-suite"

Answer = tuple[int, str, bytes]
"""Status, kind and content."""

Asked = Callable[[str, str, bytes, Any], Answer]
"""How a server answers: to method, path, body and headers."""


@contextmanager
def serving(answer: Asked) -> Iterator[str]:
    """The address of a server that answers so, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, content = answer(self.command, self.path, body, self.headers)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _json(told: Any, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(told).encode()


class EspoServer:
    """The calls of EspoCRM's REST API that the suite makes."""

    def __init__(self) -> None:
        self.crm = FakeEspoCrm()
        self.files: dict[str, bytes] = {}
        self.errors: dict[str, int] = {}
        self.contacts = 0

    def __call__(self, method: str, path: str, body: bytes, headers: Any) -> Answer:
        if headers.get("X-Api-Key") != KEY:
            return _json({}, 401)
        parts = urlsplit(path)
        match method, *parts.path.removeprefix("/api/v1/").split("/"):
            case "POST", "Import", "file":
                self.files[f"file{len(self.files)}"] = body
                return _json({"attachmentId": f"file{len(self.files) - 1}"})
            case "POST", "Import":
                return self._import(json.loads(body))
            case "GET", "Import", id, "errors":
                return _json({"total": self.errors[id], "list": []})
            case "GET", "User":
                return _json({"total": 1, "list": [{"id": "5f0c6d8ab12e34f56"}]})
            case "POST", "Contact":
                self.contacts += 1
                return _json({"id": f"c{self.contacts:016}"})
            case "DELETE", "Contact", _:
                return _json(True)
            case _, "Task", id:
                return self._task(method, id, body)
            case "GET", "Task":
                parent = parse_qs(parts.query)["where[0][value]"]
                found = [task for task in self.crm.tasks.values() if task["parentId"] in parent]
                return _json({"total": len(found), "list": found})
        return _json({}, 405)

    def _import(self, order: dict[str, Any]) -> Answer:
        content = self.files[order["attachmentId"]]
        heading, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        if order["entityType"] != "Task" or order["attributeList"] != heading or not order["headerRow"]:
            return _json({}, 400)
        had, refused = set(self.crm.tasks), len(self.crm.errors)
        if order["action"] == "update" and order["attributeList"][order["updateBy"][0]] == "id":
            self.crm.update(content)
        elif order["action"] == "create":
            self.crm.create(content)
        id = f"import{len(self.errors)}"
        self.errors[id] = len(self.crm.errors) - refused
        created = len(set(self.crm.tasks) - had)
        return _json({"id": id, "countCreated": created, "countUpdated": len(rows) - self.errors[id] - created})

    def _task(self, method: str, id: str, body: bytes) -> Answer:
        if id not in self.crm.tasks:
            return _json({}, 404)
        if method == "DELETE":
            del self.crm.tasks[id]
            return _json(True)
        if method == "PUT":
            self.crm.tasks[id] |= json.loads(body)
        return _json(self.crm.tasks[id])


class OdooServer:
    """The calls of Odoo's JSON-2 and XML-RPC that the suite makes."""

    def __init__(self, version: int) -> None:
        self.crm = FakeOdoo(version, users={"2"})
        self.numbers: dict[str, int] = {}

    def __call__(self, method: str, path: str, body: bytes, headers: Any) -> Answer:
        if path.startswith("/xmlrpc/2/"):
            return self._xmlrpc(path.rpartition("/")[2], *loads(body))
        if self.crm.version < 19 or method != "POST":
            return _json({}, 404)
        if headers.get("Authorization") != f"bearer {KEY}" or headers.get("X-Odoo-Database") != "trial":
            return _json({}, 401)
        _, model, name = path.removeprefix("/json/").split("/")
        told = json.loads(body)
        ids = told.pop("ids", None)
        return _json(self._call(model, name, ids, told))

    def _xmlrpc(self, service: str, given: Any, name: str | None) -> Answer:
        answer: Any = Fault(1, f"{service}.{name}")
        if service == "common" and name == "version":
            answer = {"server_version_info": [self.crm.version, 0, 0, "final", 0, ""]}
        elif service == "common" and given[:3] == ("trial", "admin", KEY):
            answer = 2
        elif service == "object" and given[:3] == ("trial", 2, KEY):
            _, _, _, model, method, first, arguments = given
            known = {"vals_list": first[0]} if method == "create" else {}
            answer = self._call(model, method, first[0] if first and not known else None, {**arguments, **known})
        told = answer if isinstance(answer, Fault) else (answer,)
        return 200, "text/xml", dumps(told, methodresponse=True, allow_none=True).encode()

    def _call(self, model: str, method: str, ids: list[int] | None, told: dict[str, Any]) -> Any:
        """One method of one model."""
        match model, method:
            case "res.partner", "create":
                first = len(self.crm.partners) + 10
                self.crm.partners |= {str(first + number) for number in range(len(told["vals_list"]))}
                return [first + number for number in range(len(told["vals_list"]))]
            case "res.users", "search_read":
                return [{"id": 2}]
            case "ir.model.data", "search_read":
                id = f"{told['domain'][0][2]}.{told['domain'][1][2]}"
                return [{"id": 1, "res_id": self._number(id)}] if id in self.crm.activities else []
            case "mail.activity", _:
                return self._activity(method, ids or [], told)
            case _:
                return True

    def _activity(self, method: str, ids: list[int], told: dict[str, Any]) -> Any:
        mine = [id for id in self.crm.activities if self._number(id) in ids]
        if method == "load":
            messages = self.crm.load(told["fields"], told["data"])
            given = [row[told["fields"].index("id")] for row in told["data"]]
            return {"ids": False if messages else [self._number(id) for id in given], "messages": messages}
        if method == "search_read":
            return [self._shown(id) for id in self.crm.activities if self._fits(id, told["domain"])]
        for id in mine:
            if method == "write":
                self.crm.activities[id] |= told["vals"]
            elif method == "unlink":
                del self.crm.activities[id]
            elif method == "action_feedback":
                self.crm.complete(id)
        return True

    def _number(self, id: str) -> int:
        return self.numbers.setdefault(id, len(self.numbers) + 100)

    def _fits(self, id: str, domain: list[Any]) -> bool:
        """Whether an activity is meant by the last condition of a domain; the first is always the model."""
        name, _, values = domain[-1]
        number = self._number(id) if name == "id" else int(self.crm.activities[id]["res_id"])
        return number in values

    def _shown(self, id: str) -> dict[str, Any]:
        one = self.crm.activities[id]
        told = {name: one[name] for name in ("summary", "date_deadline")}
        return {**told, "id": self._number(id), "note": f"<p>{one['note']}</p>", "active": bool(one["active"])}
