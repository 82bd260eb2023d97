"""Exports of past tracks: who asked for which, and the second person who agreed."""

from alembic import op

revision = "0017"
down_revision = "0015"

UP = """
CREATE TABLE track_export (
  id BIGSERIAL PRIMARY KEY,
  account_id INTEGER NOT NULL,
  username TEXT NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  visitors INTEGER[] NOT NULL CHECK (cardinality(visitors) > 0),
  from_at TIMESTAMP WITH TIME ZONE NOT NULL,
  to_at TIMESTAMP WITH TIME ZONE NOT NULL,
  form TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (btrim(purpose) <> ''),
  fixes INTEGER NOT NULL,
  two_people BOOLEAN NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decider_id INTEGER,
  decided_by TEXT,
  approved BOOLEAN,
  taken INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT track_export_by_another CHECK (decider_id <> account_id),
  CONSTRAINT track_export_decided_whole CHECK (num_nonnulls(decided_at, decider_id, decided_by, approved) IN (0, 4))
);
CREATE INDEX track_export_of ON track_export (account_id, asked_at);
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON track_export FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
"""


def upgrade() -> None:
    """Nobody has asked for anything yet."""
    op.execute(UP)


def downgrade() -> None:
    """Who asked for what goes with it."""
    op.execute("DROP TABLE track_export")
