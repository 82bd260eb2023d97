"""Silences of phones on shift, what phones said of them, and since when each shard is listened to."""

from alembic import op

revision = "0015"
down_revision = "0014"

UP = """
CREATE TABLE contact (
  device_id INTEGER PRIMARY KEY REFERENCES device (id),
  alive_at TIMESTAMP WITH TIME ZONE,
  why TEXT,
  why_at TIMESTAMP WITH TIME ZONE,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE listening (
  shard INTEGER PRIMARY KEY,
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE TABLE silence (
  id BIGSERIAL PRIMARY KEY,
  shift_id BIGINT NOT NULL REFERENCES shift (id),
  device_id INTEGER NOT NULL REFERENCES device (id),
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  judged_from TIMESTAMP WITH TIME ZONE NOT NULL,
  why TEXT,
  red_at TIMESTAMP WITH TIME ZONE,
  together BOOLEAN NOT NULL DEFAULT false,
  reached JSONB NOT NULL DEFAULT '[]',
  listed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  over TEXT,
  filled BOOLEAN NOT NULL DEFAULT false,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  UNIQUE (shift_id, since)
);
CREATE UNIQUE INDEX silence_goes_on ON silence (shift_id) WHERE ended_at IS NULL;
CREATE INDEX silence_changed ON silence (changed_at);
CREATE INDEX ix_silence_device_id ON silence (device_id);
CREATE INDEX shift_open ON shift (visitor_id) WHERE closed_at IS NULL;
ALTER TABLE track ADD COLUMN why TEXT;
ALTER TABLE alert ADD COLUMN silence_id BIGINT REFERENCES silence (id);
CREATE INDEX ix_alert_silence_id ON alert (silence_id);
ALTER TABLE triage ADD COLUMN silence_id BIGINT REFERENCES silence (id);
CREATE INDEX ix_triage_silence_id ON triage (silence_id);
ALTER TABLE triage DROP CONSTRAINT triage_check;
ALTER TABLE triage ADD CONSTRAINT triage_check CHECK (num_nonnulls(incursion_id, excuse_id, silence_id) = 1);
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON contact USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR device_id IN (SELECT device.id FROM device));
ALTER TABLE silence ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON silence USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR device_id IN (SELECT device.id FROM device));
GRANT SELECT ON contact, silence, listening TO keepclear_reader;
"""
DOWN = """
DELETE FROM triage_deed USING triage WHERE triage.alert_id = triage_deed.alert_id AND silence_id IS NOT NULL;
DELETE FROM triage WHERE silence_id IS NOT NULL;
DELETE FROM delivery USING alert WHERE alert.dedup_key = delivery.dedup_key AND silence_id IS NOT NULL;
DELETE FROM alert WHERE silence_id IS NOT NULL;
ALTER TABLE triage DROP CONSTRAINT triage_check;
ALTER TABLE triage DROP COLUMN silence_id;
ALTER TABLE triage ADD CONSTRAINT triage_check CHECK (num_nonnulls(incursion_id, excuse_id) = 1);
ALTER TABLE alert DROP COLUMN silence_id;
ALTER TABLE track DROP COLUMN why;
DROP INDEX shift_open;
DROP TABLE silence, listening, contact;
"""


def upgrade() -> None:
    """Nobody is silent yet: the service has to listen for a while first."""
    op.execute(UP)


def downgrade() -> None:
    """Silences, and what people did about them, go."""
    op.execute("ALTER TABLE triage_deed DISABLE TRIGGER append_only")
    op.execute(DOWN)
    op.execute("ALTER TABLE triage_deed ENABLE TRIGGER append_only")
