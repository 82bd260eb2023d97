"""When an alert was first shown to a person."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLE = """
CREATE TABLE alert_shown (
  alert_id TEXT NOT NULL,
  device_id INTEGER NOT NULL,
  shown_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  shown_to TEXT NOT NULL,
  PRIMARY KEY (alert_id),
  FOREIGN KEY(device_id) REFERENCES device (id)
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE alert_shown")
