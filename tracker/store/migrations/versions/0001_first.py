"""The first schema: people, zones, fixes by day, tracks, incursions, the alert outbox, quarantine."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE account (
  id SERIAL NOT NULL,
  username TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (username)
);
CREATE TABLE fix (
  device_id INTEGER NOT NULL,
  fix_at TIMESTAMP WITH TIME ZONE NOT NULL,
  position geography(POINT,4326) NOT NULL,
  shift_id BIGINT NOT NULL,
  h3_cell BIGINT NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  built_at TIMESTAMP WITH TIME ZONE,
  accuracy_m DOUBLE PRECISION,
  altitude_m DOUBLE PRECISION,
  speed_mps DOUBLE PRECISION,
  heading_deg DOUBLE PRECISION,
  battery_pct DOUBLE PRECISION,
  seq BIGINT,
  mock BOOLEAN,
  PRIMARY KEY (device_id, fix_at, position)
)
 PARTITION BY RANGE (fix_at);
CREATE TABLE quarantine (
  id BIGSERIAL NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  device TEXT,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  payload BYTEA,
  PRIMARY KEY (id)
);
CREATE TABLE refusal (
  device TEXT NOT NULL,
  day TIMESTAMP WITH TIME ZONE NOT NULL,
  reason TEXT NOT NULL,
  count BIGINT NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (device, day, reason)
);
CREATE TABLE revision (
  kind TEXT NOT NULL,
  value BIGINT DEFAULT '0' NOT NULL,
  PRIMARY KEY (kind)
);
CREATE TABLE visitor (
  id SERIAL NOT NULL,
  name TEXT NOT NULL,
  consented_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE zone_version (
  zone_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  footprint geography(GEOMETRY,4326) NOT NULL,
  standoff_m DOUBLE PRECISION NOT NULL,
  warning_m DOUBLE PRECISION NOT NULL,
  valid_from TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  valid_to TIMESTAMP WITH TIME ZONE,
  source TEXT NOT NULL,
  source_datum TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  PRIMARY KEY (zone_id, version)
);
CREATE TABLE device (
  id SERIAL NOT NULL,
  name TEXT NOT NULL,
  visitor_id INTEGER NOT NULL,
  platform TEXT DEFAULT 'android' NOT NULL,
  shard INTEGER NOT NULL,
  secret_sha256 BYTEA,
  enrolled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id),
  UNIQUE (name),
  FOREIGN KEY(visitor_id) REFERENCES visitor (id)
);
CREATE INDEX ix_device_visitor_id ON device (visitor_id);
CREATE TABLE shift (
  id BIGSERIAL NOT NULL,
  visitor_id INTEGER NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id),
  FOREIGN KEY(visitor_id) REFERENCES visitor (id)
);
CREATE INDEX ix_shift_visitor_id ON shift (visitor_id);
CREATE TABLE acknowledgement (
  device_id INTEGER NOT NULL,
  version BIGINT NOT NULL,
  ledger JSONB NOT NULL,
  PRIMARY KEY (device_id),
  FOREIGN KEY(device_id) REFERENCES device (id)
);
CREATE TABLE declared_loss (
  device_id INTEGER NOT NULL,
  first_seq BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  declared_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (device_id, first_seq),
  FOREIGN KEY(device_id) REFERENCES device (id)
);
CREATE TABLE incursion (
  id UUID NOT NULL,
  device_id INTEGER NOT NULL,
  shift_id BIGINT NOT NULL,
  zone_id TEXT NOT NULL,
  zone_version INTEGER NOT NULL,
  kind TEXT NOT NULL,
  certainty TEXT NOT NULL,
  first_possible_at TIMESTAMP WITH TIME ZONE NOT NULL,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  exit_at TIMESTAMP WITH TIME ZONE,
  p_inside DOUBLE PRECISION NOT NULL,
  closest_m DOUBLE PRECISION,
  content JSONB NOT NULL,
  revision INTEGER NOT NULL,
  retracted BOOLEAN NOT NULL,
  why TEXT,
  changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(device_id) REFERENCES device (id),
  FOREIGN KEY(shift_id) REFERENCES shift (id)
);
CREATE INDEX incursion_changed ON incursion (changed_at);
CREATE INDEX incursion_of_track ON incursion (device_id, shift_id);
CREATE TABLE track (
  device_id INTEGER NOT NULL,
  shift_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  fix_at TIMESTAMP WITH TIME ZONE NOT NULL,
  lon DOUBLE PRECISION NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  accuracy_m DOUBLE PRECISION,
  speed_mps DOUBLE PRECISION,
  heading_deg DOUBLE PRECISION,
  battery_pct DOUBLE PRECISION,
  state TEXT NOT NULL,
  zone_id TEXT,
  signed_m DOUBLE PRECISION,
  fold JSONB NOT NULL,
  finished BOOLEAN DEFAULT false NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (device_id, shift_id),
  FOREIGN KEY(device_id) REFERENCES device (id),
  FOREIGN KEY(shift_id) REFERENCES shift (id)
);
CREATE TABLE alert (
  dedup_key TEXT NOT NULL,
  incursion_id UUID NOT NULL,
  device_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  audience TEXT NOT NULL,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revision INTEGER NOT NULL,
  content JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  published_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (dedup_key),
  FOREIGN KEY(incursion_id) REFERENCES incursion (id),
  FOREIGN KEY(device_id) REFERENCES device (id)
);
CREATE INDEX alert_outbox ON alert (created_at) WHERE published_at IS NULL;
CREATE INDEX ix_alert_incursion_id ON alert (incursion_id);
CREATE TABLE incursion_revision (
  incursion_id UUID NOT NULL,
  revision INTEGER NOT NULL,
  content JSONB NOT NULL,
  retracted BOOLEAN NOT NULL,
  why TEXT,
  made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (incursion_id, revision),
  FOREIGN KEY(incursion_id) REFERENCES incursion (id)
);
"""
RULES = """
ALTER TABLE shift ADD CONSTRAINT one_shift_at_a_time
  EXCLUDE USING gist (visitor_id WITH =, tstzrange(opened_at, closed_at, '[]') WITH &&);
ALTER TABLE shift ADD CONSTRAINT shift_runs_forward CHECK (closed_at >= opened_at);
CREATE UNIQUE INDEX one_version_in_force ON zone_version (zone_id) WHERE valid_to IS NULL;
ALTER TABLE track SET (fillfactor = 50);
ALTER TABLE acknowledgement SET (fillfactor = 50);

CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO revision AS r (kind, value) VALUES (TG_ARGV[0], 1)
  ON CONFLICT (kind) DO UPDATE SET value = r.value + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON visitor
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('people');
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON device
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('people');
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON shift
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('people');
CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE ON zone_version
  FOR EACH STATEMENT EXECUTE FUNCTION count_revision('zones');
"""


def upgrade() -> None:
    """Create everything."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(TABLES)
    op.execute(RULES)


def downgrade() -> None:
    """Drop everything; the data goes with it."""
    op.execute("DROP FUNCTION count_revision CASCADE")
    for table in reversed(TABLES.split("CREATE TABLE ")[1:]):
        op.execute(f"DROP TABLE {table.split(' ', 1)[0]} CASCADE")
