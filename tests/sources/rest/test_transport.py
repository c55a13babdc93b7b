"""What the network and a vendor may do to a pull, and how it ends."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reengage.model.errors import ReengageError
from reengage.sources.rest import session
from reengage.sources.rest.outcome import Outcome, State
from reengage.sources.rest.request import Paginator, RestRequest
from tests.sources.rest.vendor import Answer, Vendor, asking, pulled, request_of

GOOD = Answer({"items": []})


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What a pull waited for between attempts, without the waiting."""
    pauses: list[float] = []
    monkeypatch.setattr(session, "_sleep", pauses.append)
    return pauses


def end_of(*answers: Answer, text: str = "paginator: {type: single_page}") -> tuple[Outcome, Vendor]:
    with Vendor(*answers) as vendor:
        pages, end = pulled(asking(vendor, text))
    assert (end.outcome.state is State.DONE) == bool(pages)
    assert end.calls == len(vendor.asked)
    return end.outcome, vendor


@pytest.mark.parametrize("status", [401, 403])
def test_a_vendor_that_does_not_let_us_in_is_asked_once(status: int) -> None:
    outcome, vendor = end_of(Answer({"why": "revoked"}, status))
    assert (outcome.state, len(vendor.asked)) == (State.REFUSED, 1)
    assert outcome.reason.startswith(f"127.0.0.1 answers {status} (")


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(400, " (Bad Request)"), (404, " (Not Found)"), (418, " (I'm a Teapot)"), (444, ""), (304, " (Not Modified)")],
)
def test_other_refusals_are_failures(status: int, phrase: str) -> None:
    outcome, vendor = end_of(Answer(b"", status, reason="gone with the t0ken-of-the-test"))
    assert (outcome, len(vendor.asked)) == (Outcome(State.FAILED, f"127.0.0.1 answers {status}{phrase}"), 1)


def test_what_is_over_in_a_second_is_tried_again(waited: list[float]) -> None:
    outcome, vendor = end_of(Answer(status=500), Answer(status=502), GOOD)
    assert (outcome.state, len(vendor.asked), waited) == (State.DONE, 3, [*session.PAUSES])
    assert sum(session.PAUSES) <= 2


def test_three_attempts_are_enough() -> None:
    outcome, vendor = end_of(Answer(status=503))
    assert (outcome, len(vendor.asked)) == (Outcome(State.FAILED, "127.0.0.1 answers 503 (Service Unavailable)"), 3)


def test_every_attempt_counts() -> None:
    with Vendor(Answer(status=500)) as vendor:
        _, end = pulled(asking(vendor), budget=2)
    assert (end.outcome.state, end.calls, len(vendor.asked)) == (State.UNFINISHED, 2, 2)


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}])
def test_a_connection_that_breaks_off_in_the_middle_of_an_answer(headers: dict[str, str]) -> None:
    body = b"40\r\n{}" if headers else b'{"items": [1, 2, 3]}'
    length = headers or {"Content-Length": "20"}
    broken = Answer(body, headers=length, cut=4 if not headers else len(body))
    outcome, vendor = end_of(broken, broken, GOOD)
    assert (outcome.state, len(vendor.asked)) == (State.DONE, 3)
    outcome, vendor = end_of(broken)
    assert (outcome.state, len(vendor.asked)) == (State.FAILED, 3)
    assert outcome.reason == "the connection to 127.0.0.1 cannot be made, or broke"


def test_nobody_listens() -> None:
    with Vendor(GOOD) as vendor:
        request = asking(vendor)
    pages, end = pulled(request)
    assert (pages, end.outcome.state, end.calls) == ([], State.FAILED, 3)


def test_a_vendor_that_hangs_is_left_after_its_time() -> None:
    outcome, vendor = end_of(Answer(stuck=True))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 does not answer in time")
    assert len(vendor.asked) == 1


def test_a_vendor_that_hangs_in_the_middle_of_an_answer() -> None:
    outcome, _ = end_of(Answer(b'{"items"', headers={"Content-Length": "100"}))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 does not answer in time")


def test_a_vendor_that_answers_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LONGEST_ANSWER", 0.2)
    outcome, _ = end_of(Answer([0] * 100, drip=0.05))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 takes more than 0.2 seconds to answer")


def test_an_answer_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_BYTES", 100_000)
    assert end_of(Answer(b"[" + b" " * 99_998 + b"]"))[0].state is State.DONE
    outcome, vendor = end_of(Answer(b"[" + b" " * 99_999 + b"]"))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 answers with more than 100,000 bytes")
    assert len(vendor.asked) == 1


def test_packed_answers() -> None:
    packed = Answer(gzip.compress(b'{"a": 1}', mtime=0), headers={"Content-Encoding": "gzip"})
    with Vendor(packed) as vendor:
        (page,), end = pulled(asking(vendor))
    assert (page.body, end.outcome.state) == (b'{"a": 1}', State.DONE)
    assert vendor.asked[0].headers["Accept-Encoding"] == "gzip"


def test_an_answer_that_bursts_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert session.MOST_BYTES == 67_108_864
    monkeypatch.setattr(session, "MOST_BYTES", 100_000)
    bomb = Answer(gzip.compress(b" " * 30_000_000, mtime=0), headers={"Content-Encoding": "gzip"})
    assert len(bomb.content) < 100_000 and end_of(GOOD)[0].state is State.DONE
    tracemalloc.start()
    outcome, _ = end_of(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome == Outcome(State.FAILED, "127.0.0.1 answers with more than 100,000 bytes")
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"{}", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-3], "gzip"),
        (b"{}", "br"),
        (gzip.compress(b"{}", mtime=0), "gzip, gzip"),
    ],
)
def test_an_answer_that_cannot_be_unpacked(body: bytes, encoding: str) -> None:
    outcome, _ = end_of(Answer(body, headers={"Content-Encoding": encoding}))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 packed its answer in a way that cannot be unpacked")


def test_redirects_within_the_vendor_are_followed_and_counted() -> None:
    with Vendor(Answer(status=301, headers={"Location": "/v2/things"}), GOOD) as vendor:
        (page,), end = pulled(asking(vendor))
    assert (page.where, end.outcome.state, end.calls) == (f"{vendor.url}/v2/things", State.DONE, 2)


def test_redirects_without_end() -> None:
    outcome, vendor = end_of(Answer(status=302, headers={"Location": "/v1"}))
    assert outcome == Outcome(State.FAILED, "127.0.0.1 sends us round in circles")
    assert len(vendor.asked) == session.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://localhost:{port}/",
        "http://127.0.0.1:{port}.attacker.example/",
        "http://127.0.0.1:{other}/",
        "https://127.0.0.1:{port}/",
        "//localhost:{port}/x",
        "http://127.0.0.1:{port}@localhost:{port}/",
        "http://2130706433:{port}/",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
    ],
)
def test_nothing_leads_to_another_address(elsewhere: str) -> None:
    with Vendor(GOOD) as other:

        def aside(port: int) -> str:
            return elsewhere.format(port=port, other=other.port)

        for kind in ("redirect", "link"):
            with Vendor(GOOD) as vendor:
                vendor._answers[0] = (
                    Answer(status=302, headers={"Location": aside(vendor.port)})
                    if kind == "redirect"
                    else Answer({"next": aside(vendor.port)})
                )
                _, end = pulled(asking(vendor, "paginator: {type: json_link}"))
            assert (end.outcome.state, len(vendor.asked), other.asked) == (State.FAILED, 1, []), (kind, end.outcome)


def named(url: str, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> RestRequest:
    """A request to a vendor with a name, which stands for these addresses."""

    def look_up(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        kinds = [(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in addresses]
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in kinds]

    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return request_of(f"base_url: {url}\npaginator: {{type: single_page}}")


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; there is nobody at any of them."""
    found: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(session, "create_connection", refuse)
    return found


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.100.100.200", "::1", "fd00:ec2::254", "::ffff:10.0.0.1"],
)
def test_a_name_that_leads_inside_is_not_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch, connected: list[str]
) -> None:
    request = named("https://api.vendor.example", monkeypatch, "93.184.216.34", address)
    _, end = pulled(request)
    assert connected == []
    assert end.outcome.reason == f"api.vendor.example leads to {address}, which is not a public address"


def test_the_address_that_was_looked_at_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch, connected: list[str]
) -> None:
    _, end = pulled(named("https://api.vendor.example", monkeypatch, "93.184.216.34", "2606:2800:220:1::1"))
    assert connected == ["93.184.216.34", "2606:2800:220:1::1"] * 3
    assert (end.outcome.state, end.calls) == (State.FAILED, 3)


def test_an_address_inside_may_be_named(monkeypatch: pytest.MonkeyPatch, connected: list[str]) -> None:
    request = named("https://crm.inside.example", monkeypatch, "10.1.2.3")
    pulled(request, allowed_hosts=["crm.inside.example"])
    assert connected == ["10.1.2.3"] * 3


def test_localhost_is_this_machine_or_nothing(monkeypatch: pytest.MonkeyPatch, connected: list[str]) -> None:
    pulled(named("http://localhost:1", monkeypatch, "10.1.2.3"))
    assert connected == []


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A server with a certificate that it signed itself: its port, and the certificate."""
    paths = tmp_path / "key.pem", tmp_path / "certificate.pem"
    ask = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*ask.split(), "-keyout", paths[0], "-out", paths[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths[1], paths[0])
    vendor = Vendor(GOOD)
    vendor._server.socket = context.wrap_socket(vendor._server.socket, server_side=True)
    vendor._server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with vendor:
        yield vendor.port, paths[1]


def test_a_certificate_must_be_trusted(certificate: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(f"base_url: https://localhost:{certificate[0]}\npaginator: {{type: single_page}}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[1]))
    _, end = pulled(request)
    assert end.outcome.reason == "localhost does not prove who it is: its certificate is not trusted"
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[1]))
    pages, end = pulled(request)
    assert (len(pages), end.outcome.state) == (1, State.DONE)


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login dana password hunter2")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Vendor(GOOD) as proxy, Vendor(GOOD) as vendor:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        _, end = pulled(asking(vendor))
    assert (end.outcome.state, len(vendor.asked), proxy.asked) == (State.DONE, 1, [])
    assert "Authorization" not in vendor.asked[0].headers


def test_no_cookies_are_kept() -> None:
    first = Answer({"next": "/v1?page=2"}, headers={"Set-Cookie": "tracked=1; Path=/"})
    _, vendor = end_of(first, Answer({}), text="paginator: {type: json_link}")
    assert all("Cookie" not in asked.headers for asked in vendor.asked) and len(vendor.asked) == 2


def test_plain_http_is_for_this_machine(connected: list[str]) -> None:
    request = RestRequest("http://93.184.216.34", Paginator("single_page"))
    _, end = pulled(request, allowed_hosts=["93.184.216.34"])
    assert end.outcome == Outcome(State.FAILED, "93.184.216.34 may only be asked over https")
    assert connected == []


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlt", None)
    with pytest.raises(ReengageError, match="polling needs more packages"):
        pulled(RestRequest("https://api.vendor.example", Paginator("single_page")))
