"""A server in a process of its own, with a store that writes to a file and waits for the disk."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from reengage.server.application import application
from reengage.server.batch import Store
from reengage.server.hook import Delivery
from reengage.server.running import listen, serve
from tests.server.loopback import HOOKS


def writing_to(path: Path) -> Store:
    """A store that appends to a file, one line for each delivery, and syncs once for each batch."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def store(deliveries: Sequence[Delivery]) -> None:
        lines = [json.dumps([one.hook, base64.b64encode(one.body).decode()]) for one in deliveries]
        os.write(file, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(file)

    return store


def bodies(path: Path) -> set[bytes]:
    """What such a store has; a line that broke off does not count."""
    lines = path.read_bytes().split(b"\n")[:-1]
    return {base64.b64decode(json.loads(line)[1]) for line in lines}


def main(store: Store, tell: Callable[[str], object]) -> None:
    """Serve all hooks on a free port, which is told first."""
    app = application(HOOKS[:2], store, lambda: datetime.now(UTC))
    listener = listen("127.0.0.1", 0)
    tell(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    serve(app, listener)


if __name__ == "__main__":
    main(writing_to(Path(sys.argv[1])), sys.stdout.write)
