"""Every target by its name; a new one is a module beside this and a line here."""

from __future__ import annotations

from reengage.delivery.espocrm import ESPOCRM
from reengage.delivery.generic import CSV, JSONL
from reengage.delivery.hubspot import HUBSPOT
from reengage.delivery.odoo import ODOO
from reengage.delivery.pipedrive import PIPEDRIVE
from reengage.delivery.salesforce import SALESFORCE
from reengage.delivery.target import Target
from reengage.model.errors import UsageError

_ALL = (CSV, JSONL, ESPOCRM, ODOO, SALESFORCE, HUBSPOT, PIPEDRIVE)

TARGETS: dict[str, Target] = {target.name: target for target in _ALL}


def find_target(name: str) -> Target:
    """The target of this name; raises UsageError naming those there are."""
    if name not in TARGETS:
        raise UsageError(f'there is no target "{name}"', help=f"one of {', '.join(TARGETS)}")
    return TARGETS[name]
