"""The language server of editors, spoken to over its standard input and output as an editor does (LSP 3.17)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

Message = dict[str, Any]

ANSWER_WITHIN = 30
"""Seconds that the server has for an answer; it takes well under one."""


@dataclass
class LanguageServer:
    """A running server of a folder, with the settings an editor would give it."""

    process: subprocess.Popen[bytes]
    settings: Mapping[str, Any]
    heard: Queue[Message | None] = field(default_factory=Queue)
    numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def start(cls, program: Path, folder: Path, settings: Mapping[str, Any]) -> LanguageServer:
        """A server that is ready; `settings` are those of `.vscode/settings.json`."""
        process = subprocess.Popen([program, "--stdio"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        server = cls(process, settings)
        Thread(target=server._listen, daemon=True).start()
        workspace = {"uri": folder.as_uri(), "name": folder.name}
        can = {"workspace": {"configuration": True}, "textDocument": {"publishDiagnostics": {}}}
        start = {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": [workspace], "capabilities": can}
        server.ask("initialize", start)
        server.tell("initialized", {})
        server.tell("workspace/didChangeConfiguration", {"settings": {}})
        return server

    def stop(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.communicate()

    def open(self, file: Path) -> list[Message]:
        """Show a file to the server; returns what it finds wrong with it."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": file.read_text(encoding="utf-8")}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            found = self._next()
            if found.get("method") == "textDocument/publishDiagnostics" and found["params"]["uri"] == file.as_uri():
                return list(found["params"]["diagnostics"])

    def complete(self, file: Path, line: int, column: int) -> set[str]:
        """What the server offers at a place of an open file; line and column start at 1."""
        place = {"line": line - 1, "character": column - 1}
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": file.as_uri()}, "position": place})
        return {item["label"] for item in answer["items"]}

    def hover(self, file: Path, line: int, column: int) -> str:
        """What the server shows for the word at a place of an open file; line and column start at 1."""
        place = {"line": line - 1, "character": column - 1}
        answer = self.ask("textDocument/hover", {"textDocument": {"uri": file.as_uri()}, "position": place})
        return str(answer["contents"]["value"])

    def ask(self, method: str, params: Any) -> Any:
        """The answer to a request."""
        number = next(self.numbers)
        self._send({"id": number, "method": method, "params": params})
        while True:
            answer = self._next()
            if answer.get("id") == number and "method" not in answer:
                return answer["result"]

    def tell(self, method: str, params: Any) -> None:
        """Say what needs no answer."""
        self._send({"method": method, "params": params})

    def _next(self) -> Message:
        message = self.heard.get(timeout=ANSWER_WITHIN)
        assert message is not None, "the language server ended"
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._reply(message)})
        return message

    def _reply(self, request: Message) -> Any:
        if request["method"] != "workspace/configuration":
            return None
        return [self._section(item["section"]) for item in request["params"]["items"]]

    def _section(self, name: str) -> Message:
        return {key.removeprefix(f"{name}."): one for key, one in self.settings.items() if key.startswith(f"{name}.")}

    def _send(self, message: Message) -> None:
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout
        while head := self.process.stdout.readline():
            length = int(head.partition(b":")[2])
            while self.process.stdout.readline().strip():
                pass
            self.heard.put(json.loads(self.process.stdout.read(length)))
        self.heard.put(None)
