"""The ids by which a CRM knows a contact and a rep: a task for which they are missing or malformed cannot go there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reengage.delivery.outgoing import Outgoing

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
"""A record id that is a number, as HubSpot and Pipedrive count."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What `crm_system` has to say, how its ids are called ("an EspoCRM id"), and their shapes.

    Without a shape for the owner, the target knows reps by something else than an id.
    """

    system: str
    called: str
    contact: re.Pattern[str]
    owner: re.Pattern[str] | None = None

    def lacks(self, task: Outgoing) -> tuple[str, ...]:
        """What is missing or malformed, each in words for the person who can add it."""
        return tuple(self._missing(task))

    def _missing(self, task: Outgoing) -> Iterator[str]:
        if task.crm_system.casefold() != self.system:
            yield f"contact {task.contact_id}: crm_system must be {self.system}, it is {task.crm_system or 'empty'}"
        contact, owner = task.crm_contact_id, task.crm_owner_id
        if not self.contact.fullmatch(contact):
            yield f"contact {task.contact_id}: crm_contact_id {self._state(contact)}; import contacts with it"
        if self.owner and not self.owner.fullmatch(owner):
            yield f"owner {task.owner}: crm_owner_id {self._state(owner)}; import owners with it"

    def _state(self, id: str) -> str:
        return f"is not {self.called}" if id else "is empty"
