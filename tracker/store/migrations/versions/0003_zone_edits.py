"""Zone versions say who, why and at which hours; policies of categories; a stamp that tells what to read again."""

from alembic import op

revision = "0003"
down_revision = "0002"

UP = """
DROP TRIGGER revision ON zone_version;
ALTER TABLE zone_version
  ADD COLUMN schedule TEXT,
  ADD COLUMN time_zone TEXT,
  ADD COLUMN overrides TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN alike_since INTEGER,
  ADD COLUMN reason TEXT NOT NULL DEFAULT '',
  ADD COLUMN approver TEXT,
  ADD COLUMN recorded_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  ADD COLUMN ended_by TEXT,
  ADD COLUMN ended_why TEXT,
  ADD COLUMN touched BIGINT NOT NULL DEFAULT 0;
UPDATE zone_version SET alike_since = version, recorded_at = valid_from;
ALTER TABLE zone_version ALTER COLUMN alike_since SET NOT NULL;
CREATE INDEX zone_version_touched ON zone_version (touched);
CREATE TABLE zone_policy (
  category TEXT NOT NULL,
  version INTEGER NOT NULL,
  standoff_m DOUBLE PRECISION NOT NULL,
  warning_m DOUBLE PRECISION NOT NULL,
  schedule TEXT,
  time_zone TEXT,
  valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
  valid_to TIMESTAMP WITH TIME ZONE,
  recorded_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  approver TEXT,
  PRIMARY KEY (category, version)
);
CREATE UNIQUE INDEX one_policy_in_force ON zone_policy (category) WHERE valid_to IS NULL;

-- The counter is raised before the rows are written: its row lock makes stamps ascend in the order of commits.
CREATE TRIGGER revision BEFORE INSERT OR UPDATE OR DELETE ON zone_version
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('zones');

CREATE FUNCTION stamp_zone_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ended zone_version;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    ended := OLD;
    ended.valid_to := NEW.valid_to;
    ended.ended_by := NEW.ended_by;
    ended.ended_why := NEW.ended_why;
    IF OLD.valid_to IS NOT NULL OR ended IS DISTINCT FROM NEW THEN
      RAISE EXCEPTION 'a zone version never changes: write the next one'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  NEW.touched := (SELECT value FROM revision WHERE kind = 'zones');
  RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON zone_version
  FOR EACH ROW EXECUTE FUNCTION stamp_zone_version();
"""
DOWN = """
DROP TRIGGER stamp ON zone_version;
DROP TRIGGER revision ON zone_version;
DROP FUNCTION stamp_zone_version;
DROP TABLE zone_policy;
ALTER TABLE zone_version
  DROP COLUMN schedule, DROP COLUMN time_zone, DROP COLUMN overrides, DROP COLUMN alike_since, DROP COLUMN reason,
  DROP COLUMN approver, DROP COLUMN recorded_at, DROP COLUMN ended_by, DROP COLUMN ended_why, DROP COLUMN touched;
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON zone_version
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('zones');
"""


def upgrade() -> None:
    """Add what an edit must say; versions written before it say nothing of it."""
    op.execute(UP)


def downgrade() -> None:
    """Back to versions without who and why."""
    op.execute(DOWN)
