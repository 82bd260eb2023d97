"""Excuses: leave to be in a zone."""

from alembic import op

revision = "0002"
down_revision = "0001"

EXCUSE = """
CREATE TABLE excuse (
  id BIGSERIAL NOT NULL,
  visitor_id INTEGER NOT NULL,
  zone_id TEXT,
  from_at TIMESTAMP WITH TIME ZONE NOT NULL,
  to_at TIMESTAMP WITH TIME ZONE,
  cause TEXT NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  approved_by TEXT NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  withdrawn_by TEXT,
  PRIMARY KEY (id),
  FOREIGN KEY(visitor_id) REFERENCES visitor (id)
);
CREATE INDEX ix_excuse_visitor_id ON excuse (visitor_id);
ALTER TABLE excuse ADD CONSTRAINT excuse_runs_forward CHECK (to_at >= from_at);
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON excuse
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('people');
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(EXCUSE)


def downgrade() -> None:
    """Drop it; the excuses go with it."""
    op.execute("DROP TABLE excuse")
