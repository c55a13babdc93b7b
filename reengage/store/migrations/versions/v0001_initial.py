"""The initial schema."""

from __future__ import annotations

from alembic import op
from sqlmodel import SQLModel

from reengage.store import tables  # noqa: F401

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    SQLModel.metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Drop all tables."""
    SQLModel.metadata.drop_all(op.get_bind())
