"""Tests of connectors as their authors run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reengage.model.errors import ReengageError, UsageError
from reengage.testing import connector_tests

CONNECTOR = "name: hiring\nkind: jsonl\npath: signals/*.jsonl\n"
HOOK = """
name: hiring
kind: webhook
path_token: ${env:HOOK_TOKEN}
verify: {scheme: token, secret: "${env:KEY}", header: X-Key}
"""
LINE = '{"id":"1","source":"s","type":"visit","time":"2026-10-01T08:00:00Z","keys":{"domain":"lamna-foods.example"}}'
EXPECTED = """{"received_at": "2026-10-06T06:00:00Z", "signals": {"a.jsonl:1": {"id": "1", "source": "s", "kind": "visit",
"occurred_at": "2026-10-01T08:00:00Z", "keys": {"domain": "lamna-foods.example"}}}}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yaml").write_text(CONNECTOR)
    (tmp_path / "weekly.yaml").write_text("name: weekly\nkind: timer\ncron: 0 7 * * 1\n")
    (tmp_path / "one.fixtures").mkdir()
    (tmp_path / "one.fixtures" / "a.jsonl").write_text(LINE)
    (tmp_path / "one.fixtures" / "expected.json").write_text(EXPECTED)
    return tmp_path


def test_there_is_a_test_for_each_connector_that_reads_files(folder: Path) -> None:
    (test,) = connector_tests(str(folder))
    assert test.__name__ == "hiring"
    test()


def test_it_fails_with_what_differs(folder: Path) -> None:
    (folder / "one.fixtures" / "a.jsonl").write_text(LINE.replace("lamna-foods", "contoso-grain"))
    (test,) = connector_tests(folder)
    with pytest.raises(AssertionError, match=r'a\.jsonl:1: keys\.domain: expected "lamna-foods\.example", came "cont'):
        test()


def test_it_fails_with_a_delivery_that_its_webhook_would_not_take(folder: Path) -> None:
    told = '{"headers": {"X-Key": "invented"}, "at": "2026-10-06T06:00:00Z", "environ": {"KEY": "invented"}}'
    (folder / "one.yaml").write_text(HOOK)
    (folder / "one.fixtures" / "a.jsonl").rename(folder / "one.fixtures" / "a.json")
    (folder / "one.fixtures" / "a.request.json").write_text(told)
    expected = EXPECTED.replace("a.jsonl", "a.json")[:-1] + ', "verified": {"a.json": "accepted"}}'
    (folder / "one.fixtures" / "expected.json").write_text(expected)
    (test,) = connector_tests(folder)
    test()
    (folder / "one.fixtures" / "a.request.json").write_text(told.replace('"invented"', '"other"', 1))
    with pytest.raises(AssertionError, match=r'a\.json: verified: expected "accepted", came "forged: the token is an'):
        test()


def test_a_connector_without_fixtures_fails(folder: Path) -> None:
    (folder / "two.yaml").write_text(CONNECTOR.replace("hiring", "second"))
    with pytest.raises(AssertionError, match="no fixtures"):
        connector_tests(folder)[1]()


def test_no_tests_at_all_are_no_success(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no connector here reads files"):
        connector_tests(tmp_path)


def test_connectors_with_errors_are_not_left_out(folder: Path) -> None:
    (folder / "two.yaml").write_text("name: second\nkind: jsnol\n")
    with pytest.raises(ReengageError, match="the connectors have"):
        connector_tests(folder)


def test_pytest_is_not_needed() -> None:
    loaded = "import sys, reengage.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
