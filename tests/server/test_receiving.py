"""Deliveries to the real server: genuine, forged, stale, repeated, too large, and odd."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import socket
from datetime import timedelta

import pytest

from reengage.server.application import application
from reengage.server.running import LONGEST_HEAD
from tests.server.loopback import HOOKS, NOW, TOKEN, Stored, hear, is_closed, pour, request, running, say, signed

OPEN = f"/hooks/open/{TOKEN}"
CUT = re.compile("reset|pipe")
SHARED = f"/hooks/shared/{TOKEN}"


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def test_what_is_genuine_is_stored_and_acknowledged_as_its_sender_expects(port: int, stored: Stored) -> None:
    body = b'{"id": "genuine"}'
    said = say(port, signed(body))
    assert (said.status, said.json["webhookId"]) == (201, "genuine")
    assert said.json["timestamp"] == "2026-10-01T00:00:00.000Z"
    (delivery,) = stored.of(body)
    assert (delivery.hook, delivery.received_at, delivery.stale) == ("lusha", NOW, False)


def test_nothing_is_said_of_what_the_server_is_made_of(port: int) -> None:
    assert "server" not in say(port, signed(b"{}")).headers
    for page in ("/docs", "/redoc", "/openapi.json", "/", f"{OPEN}/", "/hooks/open"):
        assert say(port, request("GET", page)).status == 404


def test_what_is_forged_is_refused_and_not_stored(port: int, stored: Stored) -> None:
    body = b'{"id": "forged"}'
    assert say(port, signed(body, key=b"guessed")).status == 401
    assert say(port, request("POST", f"/hooks/lusha/{TOKEN}", body)).status == 401
    assert say(port, signed(body).replace(b'"forged"', b'"farged"')).status == 401
    assert stored.of(body) == []


def test_what_is_stale_is_refused_and_kept_with_a_mark(port: int, stored: Stored) -> None:
    body = b'{"id": "stale"}'
    assert say(port, signed(body, NOW - timedelta(minutes=6))).status == 401
    (delivery,) = stored.of(body)
    assert delivery.stale


def test_what_is_forged_and_old_leaves_nothing(port: int, stored: Stored) -> None:
    body = b'{"id": "forged and old"}'
    assert say(port, signed(body, NOW - timedelta(minutes=6), key=b"guessed")).status == 401
    assert stored.of(body) == []


def test_what_is_repeated_is_acknowledged_again(port: int, stored: Stored) -> None:
    body = b'{"id": "repeated"}'
    assert [say(port, signed(body)).status for _ in range(3)] == [201, 201, 201]
    assert len(stored.of(body)) == 3


def test_an_unknown_name_and_a_wrong_token_are_told_the_same(port: int) -> None:
    targets = (f"/hooks/nobody/{TOKEN}", "/hooks/open/guessed", f"/hooks/open/{TOKEN}x", "/hooks/open/%C3%A9%00")
    answers = [say(port, request("POST", target, b"{}")) for target in targets]
    assert {(said.status, said.content) for said in answers} == {(404, b'{"error":"no such webhook"}')}
    assert say(port, request("GET", "/hooks/open/guessed")).content == answers[0].content


def test_the_address_is_the_one_that_the_sender_knows(port: int) -> None:
    target = f"/hooks/hubspot/{TOKEN}?a=%41&b"
    content = f"POSThttps://hooks.ourapp.example{target}{{}}".encode()
    signature = hmac.new(b"k", content, hashlib.sha256).hexdigest()
    assert say(port, request("POST", target, b"{}", X_S=signature)).status == 200
    assert say(port, request("POST", target.replace("%41", "A"), b"{}", X_S=signature)).status == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b'{"id": 1, "id": 2}', b"[" * 50_000, b"\xff\xfe\x00", b"NaN", b"<a/>", b'{"a": "\\ud800"}'],
)
def test_what_cannot_be_read_is_stored_and_acknowledged(port: int, stored: Stored, body: bytes) -> None:
    before = len(stored.of(body))
    assert say(port, signed(body)).status == 201
    assert say(port, request("POST", OPEN, body)).status == 200
    assert [delivery.hook for delivery in stored.of(body)[before:]] == ["lusha", "open"]


def test_a_body_as_long_as_allowed_and_one_byte_more(port: int, stored: Stored) -> None:
    body = b"x" * 100_000
    assert say(port, request("POST", OPEN, body)).status == 200
    assert len(stored.of(body)) == 1
    said = say(port, request("POST", OPEN, body + b"x"))
    assert (said.status, said.headers["connection"]) == (413, "close")
    assert said.json == {"error": "a body has at most 100,000 bytes"}
    assert stored.of(body + b"x") == []


def test_what_announces_too_much_is_refused_before_it_comes(port: int) -> None:
    head = request("POST", OPEN, b"", Content_Length="5000000", Expect="100-continue")
    assert say(port, head).status == 413
    assert say(port, request("POST", OPEN, b"x" * 10_000, Content_Length=str(10**18))).status == 413


def test_chunks_are_counted(port: int, stored: Stored) -> None:
    head = request("POST", OPEN, Transfer_Encoding="chunked")
    assert say(port, head, chunks(b"in ", b"two chunks")).status == 200
    assert len(stored.of(b"in two chunks")) == 1
    assert say(port, head, chunks(b"c" * 50_000, b"c" * 50_000)).status == 200
    assert say(port, head, chunks(b"c" * 50_000, b"c" * 50_001)).status == 413
    assert say(port, head, chunks(*([b"y" * 10_000] * 11))).status == 413
    assert say(port, head, *[b"%x\r\n%s\r\n" % (65536, b"y" * 65536)] * 4).status == 413


def test_an_endless_body_is_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request("POST", OPEN, Transfer_Encoding="chunked"))
        with pytest.raises(OSError, match=CUT):
            pour(connection, b"10000\r\n" + b"z" * 65536 + b"\r\n")


def test_a_body_that_says_two_lengths_is_refused(port: int, stored: Stored) -> None:
    both = request("POST", OPEN, chunks(b"smuggled"), Content_Length="4", Transfer_Encoding="chunked")
    assert say(port, both).status == 400
    twice = request("POST", OPEN, b"smuggled", Content_Length="4\r\nContent-Length: 8")
    assert say(port, twice).status == 400
    assert say(port, request("POST", OPEN, b"smuggled", Content_Length="-1")).status == 400
    assert stored.of(b"smuggled") == []


def test_less_than_was_announced_is_never_stored(port: int, stored: Stored) -> None:
    said = say(port, request("POST", OPEN, b"the first part", Content_Length="100"))
    assert (said.status, said.json) == (408, {"error": "the body came too slowly"})
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request("POST", OPEN, b"the first part", Content_Length="100"))
    assert stored.of(b"the first part") == []


def test_drop_by_drop_is_too_slow(port: int) -> None:
    drops = [bytes([letter]) for letter in b"drop by drop"]
    said = say(port, request("POST", OPEN, Content_Length="100"), *drops, pause=0.06)
    assert said.status == 408


def test_compressed_bodies_are_refused(port: int) -> None:
    assert say(port, request("POST", OPEN, b"\x1f\x8b", Content_Encoding="gzip")).status == 415
    assert say(port, request("POST", OPEN, b"{}", Content_Encoding="identity")).status == 200


def test_a_shared_secret_in_the_query(port: int) -> None:
    assert say(port, request("POST", f"{SHARED}?key=letmein", b"{}")).status == 200
    assert say(port, request("POST", f"{SHARED}?key=letmeim", b"{}")).status == 401
    assert say(port, request("POST", f"{SHARED}?key=letmein&key=x", b"{}")).status == 401


def test_handshakes_are_answered_and_not_stored(port: int, stored: Stored) -> None:
    before = len(stored.all)
    said = say(port, request("HEAD", SHARED, X_DemandbaseAPI_ValidationCode="abc-1"), head=True)
    assert (said.status, said.headers["x-demandbaseapi-validationcode"]) == (200, "abc-1")
    said = say(port, request("GET", f"{SHARED}?challenge=xyz"))
    assert (said.status, said.content, said.headers["content-type"]) == (200, b"xyz", "text/plain; charset=utf-8")
    challenge = b'{"challenge": "c"}'
    assert say(port, request("POST", f"{SHARED}?key=letmein", challenge)).content == b"c"
    assert say(port, request("POST", SHARED, challenge)).status == 401
    assert say(port, request("GET", f"{SHARED}?challenge={'x' * 501}")).status == 400
    assert len(stored.all) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_delivers(port: int, stored: Stored, method: str) -> None:
    said = say(port, request(method, OPEN, b"by another method"), head=method == "HEAD")
    assert said.status == 405
    assert stored.of(b"by another method") == []


def test_many_on_one_connection(port: int, stored: Stored) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        padding = "p" * (LONGEST_HEAD // 4)
        for number in range(8):
            connection.sendall(signed(b'{"id": "kept alive %d"}' % number, X_Padding=padding))
            assert hear(connection).json["webhookId"] == f"kept alive {number}"


def test_headers_without_an_end_are_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"POST {OPEN} HTTP/1.1\r\nX-Long: ".encode())
        with pytest.raises(OSError, match=CUT):
            pour(connection, b"h" * 4096)


def test_headers_that_do_not_come_are_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reengage.server.running.HEAD_SECONDS", 0.2)
    for sent in (b"", f"POST {OPEN} HTTP/1.1\r\nHost:".encode(), signed(b"{}") + b"POST "):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(sent)
            if sent.startswith(b"POST /hooks/lusha"):
                assert hear(connection).status == 201
            assert is_closed(connection)


def test_what_comes_after_an_answer_is_not_listened_to(port: int) -> None:
    """Trailers without an end would else fill the memory of a server that has long said no."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request("POST", "/nowhere", Transfer_Encoding="chunked") + b"0\r\n")
        with pytest.raises(OSError, match=CUT):
            pour(connection, b"X-Trailer: t\r\n" * 100)


def test_no_secret_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    broken = Stored(broken=True)
    with running(application(HOOKS, broken, lambda: NOW, base="https://hooks.ourapp.example")) as number:
        statuses = [
            say(number, request("POST", f"{SHARED}?key=letmein", b"{}")).status,
            say(number, request("POST", "/hooks/open/guessed", b"{}")).status,
            say(number, b"no http at all\r\n\r\n").status,
        ]
    assert statuses == [503, 404, 400]
    told = caplog.text + "".join(capfd.readouterr())
    for word in ("letmein", TOKEN, "guessed", "/hooks"):
        assert word not in told
