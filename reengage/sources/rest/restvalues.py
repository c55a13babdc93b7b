"""The values in a `rest:` block: addresses, paths, headers, and texts in which no secret may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping as Block
from reengage.language.nodes import Node, Pair, Scalar, Sequence
from reengage.language.reader import Found, Read, attempt, each, mapping_of, one
from reengage.language.values import NotUnderstood, advice, any_text, line_of_text, whole_number
from reengage.sources.rest.addresses import LOOPBACK, port_of
from reengage.sources.rest.request import PLACEHOLDER, PLACEHOLDERS, Text, Value
from reengage.sources.secrets import is_reference, is_secret_key, parse_secret

LONGEST_TIMEOUT = 300
"""Seconds; our choice."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]+\]")
_PLAIN = re.compile(r"[A-Za-z0-9/._~%:@!$&'()*+,;=-]*")
_NAME = r"""(?:[A-Za-z_][A-Za-z0-9_-]*|"[^"\\]+"|'[^'\\]+')"""
_JSON_PATH = re.compile(rf"(?:\$\.)?{_NAME}(?:\.{_NAME}|\[[0-9]+\])*")
_BODY_PATH = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?")
_WORDS: Mapping[str, bool] = {"true": True, "false": False}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OUR_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie", "accept-encoding"})


def params_of(what: str, node: Node, found: Found) -> dict[str, Value]:
    """Texts by name, several where a list is written."""
    block, values = mapping_of(node, what), dict[str, Value]()
    for pair in block.pairs:
        read: Read[Value] = one(partial(filled_text, pair.key))
        reader = each(read) if isinstance(pair.value, Sequence) else read
        values.update((pair.key, value) for value in attempt(reader, pair.value, found))
    return values


def headers_of(node: Node, found: Found) -> dict[str, Value]:
    """Texts of one line by the names of headers."""
    block, values = mapping_of(node, "headers"), dict[str, Value]()
    for pair in block.pairs:
        found.extend(_header_problems(pair))
        read = one(partial(_line, pair.key))
        values.update((pair.key, value) for value in attempt(read, pair.value, found))
    return values


def _line(key: str, text: str) -> Text:
    return filled_text(key, line_of_text(text))


def _header_problems(pair: Pair) -> Iterator[Diagnostic]:
    try:
        header_name(pair.key)
    except NotUnderstood as problem:
        yield Diagnostic(pair.at, problem.message, "wrong-value", problem.help)


def json_of(node: Node, found: Found) -> dict[str, Value]:
    """A body: numbers and true or false where they stand without quotes, texts elsewhere."""
    block = mapping_of(node, "json")
    return dict(_block(block, False, found))


def _block(block: Block, secret: bool, found: Found) -> Iterator[tuple[str, Value]]:
    for pair in block.pairs:
        read = partial(_value, pair.key, secret or is_secret_key(pair.key))
        yield from ((pair.key, value) for value in attempt(read, pair.value, found))


def _value(key: str, secret: bool, node: Node, found: Found) -> Value:
    """A JSON value; below a secret-like key every value is a secret."""
    match node:
        case Block():
            return dict(_block(node, secret, found))
        case Sequence(items=items):
            return tuple(value for item in items for value in attempt(partial(_value, key, secret), item, found))
        case Scalar(text=None):
            return None
        case Scalar(text=str(text), quoted=False) if not secret and (text in _WORDS or _NUMBER.fullmatch(text)):
            return _WORDS[text] if text in _WORDS else float(text) if "." in text else int(text)
    return one(partial(filled_text, "secret" if secret else key))(node, found)


def filled_text(key: str, text: str) -> Text:
    """A text with placeholders and references; raises NotUnderstood for a literal under a secret-like key."""
    if is_secret_key(key) or is_reference(text):
        parse_secret(text)
    for word in PLACEHOLDER.findall(text):
        if word not in PLACEHOLDERS:
            help = f"{advice(word, PLACEHOLDERS)} Where none is meant, put spaces inside the braces"
            raise NotUnderstood(f"{quoted('{' + word + '}')} is no placeholder", help=help)
    return Text(any_text(text))


def address(text: str) -> str:
    """An absolute https URL, http for this machine, that holds no secrets; raises NotUnderstood."""
    help = "for example https://api.vendor.example/v1; secrets go under auth, questions under params"
    try:
        parts = urlsplit(text)
        port = port_of(parts)
    except ValueError:
        raise NotUnderstood("this is not the address of an API", help=help) from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise NotUnderstood("an address holds no user, password, question or fragment", help=help)
    if not (_HOST.fullmatch(parts.netloc.casefold().removesuffix(f":{port}")) and _PLAIN.fullmatch(parts.path)):
        raise NotUnderstood("this is not the address of an API", help=help)
    if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in LOOPBACK):
        raise NotUnderstood(f"{quoted(text)} is not asked over https", help="begin it with https://")
    return text


def path(text: str) -> Text:
    """What follows `base_url`; raises NotUnderstood."""
    if "//" in text or "?" in text or "#" in text or ".." in text:
        help = "write what follows base_url, and put what follows ? under params"
        raise NotUnderstood("this is not the path of an API", help=help)
    return filled_text("path", line_of_text(text))


def json_path(text: str) -> str:
    """Where something stands in an answer, as dlt finds it; raises NotUnderstood."""
    if not _JSON_PATH.fullmatch(text):
        help = 'names with dots between them, for example paging.next, or "@odata.nextLink" in double quotes'
        raise NotUnderstood(f"{quoted(text)} is not a path in an answer", help=help)
    return text


def body_path(text: str) -> str:
    """Where a paginator writes into `json`; raises NotUnderstood."""
    if not _BODY_PATH.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} is not a path in json", help="names with dots between them, as page.after")
    return text


def header_name(text: str) -> str:
    """A header that is not one of those that HTTP itself needs; raises NotUnderstood."""
    if not _HEADER.fullmatch(text) or text.casefold() in _OUR_HEADERS:
        raise NotUnderstood(f"{quoted(text)} is not a header that can be set", help="for example X-Api-Key")
    return text


def at_least_one(text: str) -> int:
    """A whole number from 1 on; raises NotUnderstood."""
    if number := whole_number(text):
        return number
    raise NotUnderstood("0 is too few", help="write 1 or more")


def seconds(text: str) -> int:
    """Whole seconds, at most LONGEST_TIMEOUT; raises NotUnderstood."""
    number = whole_number(text)
    if not 1 <= number <= LONGEST_TIMEOUT:
        raise NotUnderstood(f"{number} seconds are out of range", help=f"from 1 to {LONGEST_TIMEOUT}")
    return number
