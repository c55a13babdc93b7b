"""The people of the corpus, and the words by which any of them would be known."""

from __future__ import annotations

from collections.abc import Sequence

KNOWN_BY = ("quiverdale", "veiled.example", "2079460", "20 7946 0", "veiled-profile")
"""Something of each name, address, number and profile that stands in the book or in a hostile file."""

HEADINGS = ("contact_id", "first_name", "last_name", "email", "phone", "linkedin_url", "title", "account_name")


def person(id: str, number: int = 1, **other: str) -> dict[str, str]:
    """A row of contacts about somebody who must not be named in any log."""
    return {
        "contact_id": id,
        "first_name": "Zelda",
        "last_name": "Quiverdale",
        "email": f"zelda{number}@veiled.example",
        "phone": f"+44 20 7946 0{number:03}",
        "linkedin_url": f"https://www.linkedin.com/in/veiled-profile-{number}",
        "title": "VP Sales",
        "account_name": f"Hidden Works {number}",
        **other,
    }


def sheet(*rows: dict[str, str], headings: Sequence[str] = HEADINGS, delimiter: str = ",", end: str = "\n") -> str:
    """Rows as a CSV file, every cell in quotes."""
    lines = [headings, *([row.get(name, "") for name in headings] for row in rows)]
    return "".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) + end for line in lines)


GOOD = person("G-1", 1)
"""Someone in a hostile file who has to be taken in."""
