"""Visits say who planned them and who took them back."""

from alembic import op

revision = "0019"
down_revision = "0018"

UP = """
ALTER TABLE visit ADD COLUMN planned_by TEXT NOT NULL DEFAULT '';
ALTER TABLE visit ADD COLUMN cancelled_by TEXT;
ALTER TABLE visit ADD CONSTRAINT visit_cancelled_once CHECK (cancelled_by IS NULL OR cancelled_at IS NOT NULL);
"""
DOWN = """
ALTER TABLE visit DROP COLUMN cancelled_by;
ALTER TABLE visit DROP COLUMN planned_by;
"""


def upgrade() -> None:
    """Of what is planned already nobody knows who did it: the command line kept no names."""
    op.execute(UP)


def downgrade() -> None:
    """Who did it is forgotten."""
    op.execute(DOWN)
