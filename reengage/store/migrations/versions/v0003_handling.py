"""How messages were handled, what is owed for them, and what reps did; conversations say more of their occasion."""

from __future__ import annotations

from alembic import op

from reengage.store.columns import ActivityRow, HandlingRow, SlaDeliveryRow, SlaReplyRow

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ADDED = (
    "ALTER TABLE conversation ADD COLUMN title VARCHAR",
    "ALTER TABLE conversation ADD COLUMN campaign VARCHAR",
    "ALTER TABLE conversation ADD COLUMN script_variant VARCHAR",
    "ALTER TABLE conversation ADD COLUMN tags JSON NOT NULL DEFAULT '[]'",
    "ALTER TABLE owner ADD COLUMN business_hours VARCHAR",
)
"""Plain statements: SQLite would copy the whole table for anything else."""


def upgrade() -> None:
    """Make the tables, and add the columns."""
    for row in (HandlingRow, SlaReplyRow, SlaDeliveryRow, ActivityRow):
        row.__table__.create(op.get_bind())
    for statement in _ADDED:
        op.execute(statement)
