"""What sources send is kept as it came; signals and rows kept back say what they were made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reengage.store.columns import ReceivedRow, SourceStateRow

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_HEARD = "heard by %"
"""What begins the notes about sources of stops, which stay where they are."""


_ADDED = (
    "ALTER TABLE signal ADD COLUMN received_id INTEGER REFERENCES received (id)",
    "ALTER TABLE signal ADD COLUMN line INTEGER",
    "CREATE UNIQUE INDEX signal_of_record ON signal (received_id, line)",
    "ALTER TABLE quarantine ADD COLUMN received_id INTEGER REFERENCES received (id)",
    "CREATE INDEX ix_quarantine_received_id ON quarantine (received_id)",
)
"""Plain statements: SQLite would copy the whole table for anything else."""


def upgrade() -> None:
    """Make the tables, and move the files of connectors into them."""
    for row in (ReceivedRow, SourceStateRow):
        row.__table__.create(op.get_bind())
    taken = sa.text(
        "INSERT INTO received (connector, sha256, name, size, received_at, recorded_at, mapped_at, rows)"
        " SELECT connector, sha256, path, 0, recorded_at, recorded_at, recorded_at, rows FROM file"
        " WHERE connector NOT LIKE :heard ORDER BY recorded_at, path"
    )
    op.get_bind().execute(taken, {"heard": _HEARD})
    op.get_bind().execute(sa.text("DELETE FROM file WHERE connector NOT LIKE :heard"), {"heard": _HEARD})
    for statement in _ADDED:
        op.execute(statement)
