"""The schema under Alembic: until 1.0 one initial version."""
