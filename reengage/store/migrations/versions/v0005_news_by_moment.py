"""A run need not go through all arrivals to see that none came later, nor through all tasks of a day for some reps."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.execute("CREATE INDEX ix_news_recorded_at ON news (recorded_at)")
    op.execute("CREATE INDEX task_of_owner ON task (owner, created_at)")
