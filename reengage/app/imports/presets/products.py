"""The products by name, and which of them a file looks like."""

from __future__ import annotations

from reengage.app.imports.presets.espocrm import ESPOCRM
from reengage.app.imports.presets.hubspot import HUBSPOT
from reengage.app.imports.presets.odoo import ODOO
from reengage.app.imports.presets.pipedrive import PIPEDRIVE
from reengage.app.imports.presets.preset import Preset
from reengage.app.imports.presets.salesforce import SALESFORCE

PRESETS = {one.name: one for one in (HUBSPOT, SALESFORCE, PIPEDRIVE, ESPOCRM, ODOO)}
"""Every preset by the name that `--preset` takes."""

TELLING = 3
"""Headings in a product's exact spelling from which on a file looks like that product's."""

_LEAD = 2
"""How many more of them than the chosen product's make it another product's file."""


def likely(headings: tuple[str, ...], kind: str) -> Preset | None:
    """The product whose export of this kind has such headings, if they tell."""
    best = max(PRESETS.values(), key=lambda one: _spelled(one, headings, kind))
    return best if _spelled(best, headings, kind) >= TELLING else None


def another(preset: Preset, headings: tuple[str, ...], kind: str) -> Preset | None:
    """The product whose file this plainly is, where it is not the chosen one's."""
    best = likely(headings, kind)
    ahead = _spelled(best, headings, kind) - _spelled(preset, headings, kind) if best else 0
    return best if ahead >= _LEAD else None


def _spelled(preset: Preset, headings: tuple[str, ...], kind: str) -> int:
    return preset.readings[kind].spelled(headings) if kind in preset.readings else 0
