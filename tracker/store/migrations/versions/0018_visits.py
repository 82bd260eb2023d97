"""Visits: when a visitor works on which case. A case reference and nothing of whom it concerns."""

from alembic import op

revision = "0018"
down_revision = "0017"

UP = """
CREATE TABLE visit (
  id SERIAL PRIMARY KEY,
  visitor_id INTEGER NOT NULL REFERENCES visitor (id),
  case_ref TEXT NOT NULL,
  from_at TIMESTAMP WITH TIME ZONE NOT NULL,
  to_at TIMESTAMP WITH TIME ZONE NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  cancelled_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT visit_ends_later CHECK (to_at > from_at)
);
CREATE INDEX visit_of ON visit (visitor_id, to_at);
ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON visit USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR visitor_id IN (SELECT visitor.id FROM visitor));
GRANT SELECT ON visit TO keepclear_reader;
"""


def upgrade() -> None:
    """Nothing is planned yet."""
    op.execute(UP)


def downgrade() -> None:
    """What was planned goes with it."""
    op.execute("DROP TABLE visit")
