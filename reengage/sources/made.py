"""What all connectors of a project together bring, as the checks of rules look at it."""

from __future__ import annotations

from collections.abc import Iterable

from reengage.language.across import Made
from reengage.model.facts import COMPUTED_KINDS
from reengage.sources.connector import Connector

_READ_FROM_TITLES = {"new_title": ("new_seniority", "new_department")}
"""Facts that `titles.yaml` fills where a source gives another one."""


def made_by(connectors: Iterable[Connector]) -> Made:
    """The signals that these connectors bring; a connector of our envelope may bring any, with any facts."""
    kinds: dict[str, frozenset[str] | None] = dict.fromkeys(COMPUTED_KINDS)
    timers: set[str] = set()
    for connector in connectors:
        if connector.timer:
            kinds["timer"] = None
            timers.add(connector.timer.name)
        elif connector.map is None:
            kinds.update(dict.fromkeys(connector.vocabulary.file_kinds))
        else:
            before = kinds.get(connector.map.signal, frozenset())
            kinds[connector.map.signal] = before | _filled(connector.map.targets) if before is not None else None
    return Made(kinds, frozenset(timers))


def _filled(targets: Iterable[str]) -> frozenset[str]:
    told = {target.removeprefix("facts.") for target in targets if target.startswith("facts.")}
    return frozenset(told.union(*(also for name, also in _READ_FROM_TITLES.items() if name in told)))
