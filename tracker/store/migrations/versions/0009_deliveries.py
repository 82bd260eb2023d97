"""What is told outside the pages: one row for each alert and recipient."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
ALTER TABLE alert ADD COLUMN planned_at TIMESTAMP WITH TIME ZONE;
UPDATE alert SET planned_at = created_at;
CREATE INDEX alert_unplanned ON alert (created_at) WHERE planned_at IS NULL AND audience = 'supervisor';
CREATE TABLE delivery (
  dedup_key TEXT NOT NULL,
  recipient TEXT NOT NULL,
  why TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE,
  dead_at TIMESTAMP WITH TIME ZONE,
  last_error TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (dedup_key, recipient),
  FOREIGN KEY(dedup_key) REFERENCES alert (dedup_key)
);
CREATE INDEX delivery_due ON delivery (next_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
"""


def upgrade() -> None:
    """Create the table; what was told before there were channels is not told by them."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE delivery")
    op.execute("DROP INDEX alert_unplanned")
    op.execute("ALTER TABLE alert DROP COLUMN planned_at")
