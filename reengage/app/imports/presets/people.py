"""Rows about people and reps, from a product's cells to ours: ids, names, merged and deleted records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from reengage.app.imports.presets.preset import Cells
from reengage.intake.flags import read_flag

Id = Callable[[str], str]
"""An id as the product writes it, in its one spelling."""

COMPANY = "companies, not people"
DELETED = "deleted in the CRM"

_NAMES_ONLY = ("email", "other_emails", "phone", "crm_system", "contact_id", "merged_contact_ids")
"""What counts of a record that was merged into another: its names, not its old title or employer."""


def trimmed(id: str) -> str:
    """An id as it is; a number that a spreadsheet has given decimals without them."""
    return re.sub(r"(?<=\d)\.0+$", "", id.strip())


def person_row(system: str, id: Id = trimmed) -> Callable[[Cells], Cells]:
    """How a contact of this system becomes a row of ours: `contact_id` is `system-id` where nothing else is given."""
    return partial(_person, system=system, id=id)


def _person(cells: Cells, *, system: str, id: Id) -> Cells:
    row = {**cells, "crm_system": cells.get("crm_system") or system}
    for column in ("crm_contact_id", "crm_account_id", "crm_owner_id", "merged_into"):
        row[column] = id(cells.get(column, ""))
    row["contact_id"] = cells.get("contact_id") or _ours(system, row["crm_contact_id"] or cells.get("external_id", ""))
    row["merged_contact_ids"] = ";".join(_ours(system, id(old)) for old in _ids(cells.get("merged_contact_ids", "")))
    row["other_emails"] = ";".join(filter(None, (cells.get("other_emails"), *_addresses(cells, "email_data"))))
    row["phone"] = ";".join(filter(None, (cells.get("phone"), *_addresses(cells, "phone_data"))))
    row.update(_names(cells))
    if row["merged_into"]:
        return _merged(row, system)
    return {**row, "aside": _aside(cells)}


def _ours(system: str, id: str) -> str:
    return f"{system}-{id}" if id else ""


def _ids(cell: str) -> Iterator[str]:
    """The ids of a cell; HubSpot writes the moment of the merge behind some of them."""
    yield from (part.partition(":")[0] for part in re.split(r"[;,\s]+", cell) if part)


def _names(cells: Cells) -> Cells:
    """First and last name; a full name is parted before its last word, or at its comma."""
    if cells.get("first_name") or cells.get("last_name"):
        return {}
    words = " ".join(cells.get("full_name", "").split())
    last, comma, first = words.partition(", ")
    if not comma:
        first, _, last = words.rpartition(" ")
    return {"first_name": first, "last_name": last} if first else {"first_name": last}


def _merged(row: Cells, system: str) -> Cells:
    """A record that was merged: another name of the record that stands for it now, with its stops."""
    kept = {column: row[column] for column in _NAMES_ONLY if column in row}
    others = f"{row['merged_contact_ids']};{row['contact_id']}"
    return {**kept, "contact_id": _ours(system, row["merged_into"]), "merged_contact_ids": others.strip(";")}


def _aside(cells: Cells) -> str:
    if read_flag(cells.get("is_company", "")) or cells.get("is_company", "").casefold() == "company":
        return COMPANY
    return DELETED if read_flag(cells.get("is_deleted", "")) else ""


def _addresses(cells: Cells, column: str) -> Iterator[str]:
    """The addresses or numbers of a cell in which EspoCRM keeps all of them, as JSON."""
    for one in _entries(cells.get(column, "")) or ():
        yield str(one.get("emailAddress") or one.get("phoneNumber") or "")


def opted_out_in(cell: str) -> bool | None:
    """Whether any address of such a cell has opted out; None where it cannot be read."""
    found = _entries(cell)
    if found is None:
        return None
    flags = [read_flag(str(one.get("optOut") or "")) for one in found]
    return True if True in flags else (None if None in flags else False)


def _entries(cell: str) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(cell) if cell else []
    except (ValueError, RecursionError):
        return None
    known = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return found if known else None


def owner_row(cells: Cells, id: Id = trimmed) -> Cells:
    """A user of a product as a rep of ours."""
    named = " ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))
    return {**cells, "name": cells.get("name") or named, "crm_owner_id": id(cells.get("crm_owner_id", ""))}
