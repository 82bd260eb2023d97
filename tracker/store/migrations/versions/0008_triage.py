"""What people do about alerts: deeds that are only added, and the state they fold to."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
CREATE TABLE triage (
  alert_id TEXT NOT NULL,
  device_id INTEGER NOT NULL,
  incursion_id UUID,
  excuse_id BIGINT,
  version INTEGER NOT NULL,
  stage TEXT NOT NULL,
  content JSONB NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (alert_id),
  FOREIGN KEY(device_id) REFERENCES device (id),
  FOREIGN KEY(incursion_id) REFERENCES incursion (id),
  FOREIGN KEY(excuse_id) REFERENCES excuse (id),
  CHECK (num_nonnulls(incursion_id, excuse_id) = 1)
);
CREATE INDEX ix_triage_incursion_id ON triage (incursion_id);
CREATE INDEX ix_triage_excuse_id ON triage (excuse_id);
CREATE INDEX triage_changed ON triage (changed_at);
CREATE TABLE triage_deed (
  alert_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  act TEXT NOT NULL,
  done_by TEXT NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE NOT NULL,
  content JSONB NOT NULL,
  PRIMARY KEY (alert_id, version),
  FOREIGN KEY(alert_id) REFERENCES triage (alert_id)
);
CREATE FUNCTION deeds_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'deeds are only added' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON triage_deed
  FOR EACH STATEMENT EXECUTE FUNCTION deeds_are_only_added();
"""
# Nobody could answer what was over before: it must not stand in the list of those that wait.
EARLIER = """
WITH over AS (
  SELECT i.id, i.device_id, jsonb_build_object(
      'subject', 'incursion', 'version', 1, 'stage', 'closed', 'reason', 'earlier', 'comments', 0, 'assignee', NULL,
      'snoozed_until', NULL, 'acknowledged_at', extract(epoch FROM now()), 'acknowledged_by', 'keepclear',
      'closed_at', extract(epoch FROM now()), 'closed_by', 'keepclear') AS content
  FROM incursion i JOIN shift s ON s.id = i.shift_id WHERE i.exit_at IS NOT NULL OR s.closed_at IS NOT NULL
), closed AS (
  INSERT INTO triage (alert_id, device_id, incursion_id, version, stage, content)
  SELECT id::text, device_id, id, 1, 'closed', content FROM over RETURNING alert_id)
INSERT INTO triage_deed SELECT alert_id, 1, 'close', 'keepclear', now(), '{"reason": "earlier"}' FROM closed
"""


def upgrade() -> None:
    """Create the tables; what is over already is closed."""
    op.execute(TABLES)
    op.execute(EARLIER)


def downgrade() -> None:
    """Drop them; the deeds go with them."""
    op.execute("DROP TABLE triage_deed, triage")
    op.execute("DROP FUNCTION deeds_are_only_added")
