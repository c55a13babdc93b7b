"""The initial schema; a new database is made whole by `store.schema` and never comes by here."""

from __future__ import annotations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: whoever is here has it already."""
