"""Tries to log in are counted in the database, for all processes together."""

from alembic import op

revision = "0013"
down_revision = "0012"

UP = """
CREATE TABLE log_in_try (
  key BYTEA PRIMARY KEY,
  count INTEGER NOT NULL DEFAULT 0,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  locked_until TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT to_timestamp(0)
);
CREATE INDEX log_in_try_last_at ON log_in_try (last_at);
"""


def upgrade() -> None:
    """Nobody has tried yet."""
    op.execute(UP)


def downgrade() -> None:
    """Tries are counted by each process for itself again."""
    op.execute("DROP TABLE log_in_try")
