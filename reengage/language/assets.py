"""`rules/assets.yaml`: what a task may bring along, so that a rep returns with something new."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node
from reengage.language.reader import Found, each, fields_of, one, some, word_of
from reengage.language.tree import Position
from reengage.language.values import NotUnderstood, line_of_text, slug
from reengage.model.words import STOPS, Response

ASSET_KEYS = ("id", "title", "url", "kind", "for")
LONGEST_URL = 2_000
"""Characters of a web address; our choice: what browsers take."""

_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s\"<>]*)?")


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing of value: `kind` in our own words (case study, guide), `suits` the responses it answers."""

    id: str
    title: str
    url: str
    kind: str = ""
    suits: tuple[Response, ...] = ()


def read_assets(node: Node, found: Found) -> dict[str, Asset]:
    """Reads the list of assets by id; an id that stands twice is noted."""
    assets: dict[str, Asset] = {}
    for at, asset in each(_asset)(node, found):
        if asset.id in assets:
            found.append(
                Diagnostic(at, f"the asset {quoted(asset.id)} stands twice", "duplicate-id", "give each its own id")
            )
        assets[asset.id] = asset
    return assets


def _asset(node: Node, found: Found) -> tuple[Position, Asset]:
    fields = fields_of(node, ASSET_KEYS, "an asset", found, ("id", "title", "url"))
    return node.at, Asset(
        id=fields.read("id", one(slug), ""),
        title=fields.read("title", one(line_of_text), ""),
        url=fields.read("url", one(_url), ""),
        kind=fields.read("kind", one(line_of_text), ""),
        suits=fields.read("for", some(word_of(word for word in Response if word not in STOPS)), ()),
    )


def _url(text: str) -> str:
    if len(text) > LONGEST_URL or not _URL.fullmatch(text):
        raise NotUnderstood(
            f"{quoted(text)} is not a web address", help="write the whole address, beginning with https://"
        )
    return text
