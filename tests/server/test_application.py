"""Storing that fails, health, figures, and hooks that cannot be served."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from reengage.model.errors import ReengageError, RunFailed
from reengage.server.application import application
from reengage.server.metrics import Metrics
from reengage.server.running import listen
from reengage.sources.hooks.answer import Answer
from tests.server.loopback import HOOKS, NOW, TOKEN, Stored, request, running, say, signed

OPEN = f"/hooks/open/{TOKEN}"
BASE = "https://hooks.ourapp.example"


def test_what_cannot_be_stored_is_asked_for_again() -> None:
    stored = Stored(broken=True)
    with running(application(HOOKS, stored, lambda: NOW, base=BASE)) as port:
        said = say(port, signed(b'{"id": "again"}'))
        assert (said.status, said.headers["retry-after"]) == (503, "5")
        assert said.json == {"error": "this could not be stored"}
        assert say(port, request("GET", "/health")).json["reason"] == "the last deliveries could not be stored"
        stored.broken = False
        assert say(port, signed(b'{"id": "again"}')).status == 201
        assert say(port, request("GET", "/health")).json == {"status": "ok"}
    assert len(stored.all) == 1


def test_what_takes_too_long_to_store_is_not_acknowledged() -> None:
    stored = Stored(seconds=0.4)
    with running(application(HOOKS, stored, lambda: NOW, base=BASE, keep_seconds=0.1)) as port:
        assert say(port, request("POST", OPEN, b"{}")).status == 503
    assert len(stored.all) == 1


def test_what_comes_together_is_stored_together() -> None:
    stored = Stored(seconds=0.1)
    with running(application(HOOKS, stored, lambda: NOW, base=BASE)) as port, ThreadPoolExecutor(30) as pool:
        bodies = [b"%d" % number for number in range(30)]
        statuses = pool.map(lambda body: say(port, request("POST", OPEN, body)).status, bodies)
        assert set(statuses) == {200}
    assert sorted(delivery.body for delivery in stored.all) == sorted(bodies)
    assert len(stored.batches) < 15


def test_a_server_that_stops_finishes_what_it_has_begun() -> None:
    stored = Stored(seconds=0.5)
    with ThreadPoolExecutor(1) as pool, running(application(HOOKS, stored, lambda: NOW, base=BASE)) as port:
        said = pool.submit(say, port, request("POST", OPEN, b"last"))
        time.sleep(0.2)
    assert said.result().status == 200
    assert len(stored.of(b"last")) == 1


def test_health_and_figures() -> None:
    troubles: list[str | None] = [None]

    def collect() -> Iterable[Metric]:
        yield GaugeMetricFamily("reengage_quarantine", "Rows", value=7)

    def trouble() -> str | None:
        assert threading.current_thread() is not threading.main_thread()
        return troubles[0]

    app = application(HOOKS, Stored(), lambda: NOW, base=BASE, metrics=Metrics(collect), trouble=trouble)
    with running(app) as port:
        assert say(port, request("GET", "/health")).json == {"status": "ok"}
        troubles[0] = "the database does not answer"
        said = say(port, request("GET", "/health"))
        assert (said.status, said.json) == (503, {"status": "trouble", "reason": "the database does not answer"})
        say(port, signed(b'{"id": 1}'))
        say(port, signed(b'{"id": 2}', key=b"guessed"))
        say(port, request("POST", "/hooks/nobody/x", b"{}"))
        text = say(port, request("GET", "/metrics")).content.decode()
    for line in (
        'reengage_webhook_requests_total{connector="lusha",status="201"} 1.0',
        'reengage_webhook_requests_total{connector="lusha",status="401"} 1.0',
        'reengage_webhook_requests_total{connector="",status="404"} 1.0',
        'reengage_webhook_bytes_total{connector="lusha"} 9.0',
        "reengage_webhook_keep_seconds_count 1.0",
        "reengage_webhook_waiting 0.0",
        "reengage_quarantine 7.0",
        "reengage_metrics_failed 0.0",
    ):
        assert line in text.splitlines()


def test_health_and_figures_when_the_database_is_away() -> None:
    def fail() -> None:
        raise OSError("no route to the database at db.internal.example")

    metrics = Metrics(lambda: fail() or ())  # type: ignore[func-returns-value]
    with running(application(HOOKS, Stored(), lambda: NOW, base=BASE, metrics=metrics, trouble=fail)) as port:
        said = say(port, request("GET", "/health"))
        assert (said.status, said.json["reason"]) == (503, "the question for our health had no answer")
        text = say(port, request("GET", "/metrics")).content.decode()
    assert "reengage_metrics_failed 1.0" in text
    assert "reengage_webhook_waiting 0.0" in text


@pytest.mark.parametrize("token", ["", "short", "x" * 21, "with a space in the middle", "slash/in/the/middle/of/it"])
def test_a_token_that_can_be_guessed_or_does_not_fit_is_refused(token: str) -> None:
    with pytest.raises(ReengageError, match="the path token of lusha"):
        application([replace(HOOKS[0], token=token)], Stored(), lambda: NOW)


def test_who_signs_our_address_needs_to_be_told_it() -> None:
    with pytest.raises(ReengageError, match="hubspot signs the address"):
        application(HOOKS, Stored(), lambda: NOW)


def test_neither_token_nor_keys_are_shown() -> None:
    assert TOKEN not in repr(HOOKS)
    assert "the secret of lusha" not in repr(HOOKS)


def test_an_answer_without_content() -> None:
    hooks = [replace(HOOKS[1], answer=Answer(204))]
    with running(application(hooks, Stored(), lambda: NOW)) as port:
        said = say(port, request("POST", OPEN, b"{}"))
    assert (said.status, said.content) == (204, b"")


def test_a_port_that_is_taken_is_told() -> None:
    with listen("127.0.0.1", 0) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(RunFailed, match="cannot be listened on: address already in use"):
            listen("127.0.0.1", number)
    with pytest.raises(RunFailed, match="cannot be listened on"):
        listen("192.0.2.1", 0)


def test_the_document_of_what_we_receive() -> None:
    document = application((), Stored(), lambda: NOW).openapi()
    delivery = document["paths"]["/hooks/{name}/{token}"]
    assert list(delivery) == ["post"]
    assert {"200", "401", "404", "408", "413", "415", "503"} <= set(delivery["post"]["responses"])
