"""Zone versions say when their end was recorded and by which revision they were written; footprints are indexed."""

from alembic import op

revision = "0005"
down_revision = "0004"

UP = """
ALTER TABLE zone_version
  ADD COLUMN ended_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN written BIGINT NOT NULL DEFAULT 0;
ALTER TABLE zone_version DISABLE TRIGGER stamp;
-- Of an end that was recorded before this column was there, the next version says when; of a retirement nothing does.
UPDATE zone_version AS v SET ended_at = least(v.valid_to, coalesce(
  (SELECT n.recorded_at FROM zone_version n WHERE n.zone_id = v.zone_id AND n.version = v.version + 1
   AND v.ended_by IS NULL), v.valid_to))
WHERE v.valid_to IS NOT NULL;
ALTER TABLE zone_version ENABLE TRIGGER stamp;
ALTER TABLE zone_version ADD CONSTRAINT end_is_recorded CHECK ((valid_to IS NULL) = (ended_at IS NULL));

CREATE OR REPLACE FUNCTION stamp_zone_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ended zone_version;
BEGIN
  NEW.touched := (SELECT value FROM revision WHERE kind = 'zones');
  IF TG_OP = 'INSERT' THEN
    NEW.written := NEW.touched;
    NEW.recorded_at := now();
  ELSE
    ended := OLD;
    ended.valid_to := NEW.valid_to;
    ended.ended_by := NEW.ended_by;
    ended.ended_why := NEW.ended_why;
    ended.touched := NEW.touched;
    IF OLD.valid_to IS NOT NULL OR ended IS DISTINCT FROM NEW THEN
      RAISE EXCEPTION 'a zone version never changes: write the next one'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  NEW.ended_at := CASE WHEN NEW.valid_to IS NOT NULL THEN now() END;
  RETURN NEW;
END $$;

CREATE INDEX zone_version_footprint ON zone_version USING gist (footprint);
-- PostGIS takes the edge of a wide footprint metres to kilometres off the geodesic: these are looked at one by one.
CREATE INDEX zone_version_wide ON zone_version (zone_id) WHERE
  greatest(ST_XMax(footprint::geometry) - ST_XMin(footprint::geometry),
           ST_YMax(footprint::geometry) - ST_YMin(footprint::geometry)) > 1.0;
"""
DOWN = """
DROP INDEX zone_version_wide;
DROP INDEX zone_version_footprint;
ALTER TABLE zone_version DROP CONSTRAINT end_is_recorded, DROP COLUMN ended_at, DROP COLUMN written;
CREATE OR REPLACE FUNCTION stamp_zone_version() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


def upgrade() -> None:
    """Tell what was known when, and find zones by place."""
    op.execute(UP)


def downgrade() -> None:
    """Back to versions whose end has no date of record."""
    op.execute(DOWN)
