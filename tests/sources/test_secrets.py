"""Secrets are named in files and never stand in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.language.values import NotUnderstood
from reengage.model.errors import ReengageError
from reengage.sources.secrets import is_secret_key, parse_secret, redact


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    assert parse_secret("${env:API_TOKEN}").reveal({"API_TOKEN": "abc"}, tmp_path) == "abc"
    assert parse_secret("${file:key}").reveal({}, tmp_path) == "from-file"
    assert parse_secret(f"${{file:{tmp_path}/key}}").reveal({}, Path("/")) == "from-file"
    assert parse_secret("Token ${env:A}:${env:B}").reveal({"A": "1", "B": "2"}, tmp_path) == "Token 1:2"


@pytest.mark.parametrize("text", ["abc", "", "$API_TOKEN", "${API_TOKEN}", "${env:}", "${env:A B}", "${vault:x}"])
def test_a_literal_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse_secret(text)
    assert "${env:NAME}" in caught.value.help


@pytest.mark.parametrize("text", ["${env:A}${vault:x}", "${env:1-2}", "${env:A}${env:B"])
def test_a_reference_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood, match="names no secret"):
        parse_secret(text)


@pytest.mark.parametrize("text", ["${env:NOT_SET}", "${env:EMPTY}", "${file:nowhere}", "${file:folder}"])
def test_what_is_not_there_is_told_by_its_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReengageError, match="is empty or not there") as caught:
        parse_secret(text).reveal({"EMPTY": ""}, tmp_path)
    assert text.strip("${}").partition(":")[2] in str(caught.value)


def test_a_secret_shows_its_reference_only() -> None:
    assert "${env:API_TOKEN}" in repr(parse_secret("${env:API_TOKEN}"))


@pytest.mark.parametrize(
    "name", ["token", "Api-Key", "X-Api-Token", "client_secret", "password", "Authorization", "key"]
)
def test_keys_that_hold_secrets(name: str) -> None:
    assert is_secret_key(name)


@pytest.mark.parametrize("name", ["page", "keyword", "updated_after", "access_token_url", "path"])
def test_keys_that_hold_none(name: str) -> None:
    assert not is_secret_key(name)


def test_the_longest_secret_goes_first() -> None:
    assert redact("a=abcdef&b=abc", ["abc", "abcdef", ""]) == "a=…&b=…"
