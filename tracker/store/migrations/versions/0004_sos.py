"""Calls for help: an alert without an incursion."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let an alert stand for itself."""
    op.execute("ALTER TABLE alert ALTER incursion_id DROP NOT NULL")


def downgrade() -> None:
    """Drop the alerts that the old schema has no place for."""
    op.execute("DELETE FROM alert WHERE incursion_id IS NULL")
    op.execute("ALTER TABLE alert ALTER incursion_id SET NOT NULL")
