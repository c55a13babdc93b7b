"""Tasks are found by the day they are due and by when they were made: a run need not read all there ever were."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.execute("CREATE INDEX ix_task_due ON task (due)")
    op.execute("CREATE INDEX ix_task_created_at ON task (created_at)")
