"""Roles, teams, sessions on the server, looks at tracks; rows of people are walled off by team."""

from alembic import op

from tracker.store.reader import ensure_reader

revision = "0011"
down_revision = "0010"

PEOPLE = """
CREATE TABLE team (
  id SERIAL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
ALTER TABLE visitor ADD COLUMN team_id INTEGER REFERENCES team (id);
CREATE INDEX ix_visitor_team_id ON visitor (team_id);
ALTER TABLE account
  ALTER COLUMN password_hash DROP NOT NULL,
  ADD COLUMN all_teams BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN visitor_id INTEGER REFERENCES visitor (id),
  ADD COLUMN deactivated_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN totp_secret TEXT,
  ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
CREATE TABLE account_role (
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  PRIMARY KEY (account_id, role)
);
CREATE TABLE account_team (
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  PRIMARY KEY (account_id, team_id)
);
-- Until now every account saw everybody, answered alerts and edited zones.
INSERT INTO account_role SELECT id, role FROM account, (VALUES ('supervisor'), ('zone_editor')) AS had (role);
UPDATE account SET all_teams = true;
CREATE TABLE web_session (
  id BIGSERIAL PRIMARY KEY,
  token_sha256 BYTEA NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  stage TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX ix_web_session_account_id ON web_session (account_id);
CREATE TABLE password_link (
  token_sha256 BYTEA PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE
);
CREATE TABLE look (
  id BIGSERIAL PRIMARY KEY,
  looked_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  account_id INTEGER NOT NULL,
  username TEXT NOT NULL,
  visitor_id INTEGER NOT NULL REFERENCES visitor (id),
  from_at TIMESTAMP WITH TIME ZONE NOT NULL,
  to_at TIMESTAMP WITH TIME ZONE NOT NULL,
  purpose TEXT NOT NULL CHECK (btrim(purpose) <> '')
);
CREATE INDEX look_of_visitor ON look (visitor_id, looked_at);
CREATE TABLE deed (
  id BIGSERIAL PRIMARY KEY,
  done_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  username TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail JSONB NOT NULL DEFAULT '{}'
);
CREATE FUNCTION never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON look
  FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deed
  FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
"""
# Rows are seen by the team of the visitor they belong to: each policy asks the next table, and `visitor` decides.
# The owner, and so the ingest worker, is not subject to them.
VISITORS = """
ALTER TABLE visitor ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON visitor USING (CASE current_setting('keepclear.teams', true) WHEN '*' THEN true
  ELSE team_id = ANY (string_to_array(current_setting('keepclear.teams', true), ',')::int[]) END);
"""
WALLED = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON {table} USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR {column} IN (SELECT {of}.{key} FROM {of}));
"""
OF_VISITOR = ("device", "shift", "excuse", "look")
OF_DEVICE = ("fix", "track", "incursion", "alert", "declared_loss", "acknowledgement", "triage", "alert_shown")
OF_OTHERS = (
    ("incursion_revision", "incursion_id", "incursion", "id"),
    ("triage_deed", "alert_id", "triage", "alert_id"),
    ("delivery", "dedup_key", "alert", "dedup_key"),
)
GRANTS = """
GRANT SELECT ON visitor, shift, excuse, look, fix, track, incursion, incursion_revision, alert, declared_loss,
  triage, triage_deed, alert_shown, delivery, team, revision, zone_version, zone_policy TO keepclear_reader;
GRANT SELECT (id, name, visitor_id, platform, shard, enrolled_at, revoked_at) ON device TO keepclear_reader;
GRANT INSERT ON look, alert_shown TO keepclear_reader;
GRANT USAGE ON SEQUENCE look_id_seq TO keepclear_reader;
"""
DOWN = """
DROP TABLE deed, look, password_link, web_session, account_team, account_role;
DROP FUNCTION never_changes;
DELETE FROM account WHERE password_hash IS NULL;
ALTER TABLE account ALTER COLUMN password_hash SET NOT NULL, DROP COLUMN all_teams, DROP COLUMN visitor_id,
  DROP COLUMN deactivated_at, DROP COLUMN totp_secret, DROP COLUMN totp_step;
DROP POLICY own_teams ON visitor;
ALTER TABLE visitor DISABLE ROW LEVEL SECURITY, DROP COLUMN team_id;
DROP TABLE team;
"""


def upgrade() -> None:
    """Accounts become supervisors of everybody, which is what they were."""
    ensure_reader(op.get_bind())
    op.execute(PEOPLE)
    op.execute(VISITORS)
    walled = [(table, "visitor_id", "visitor", "id") for table in OF_VISITOR]
    walled += [(table, "device_id", "device", "id") for table in OF_DEVICE]
    for table, column, of, key in [*walled, *OF_OTHERS]:
        op.execute(WALLED.format(table=table, column=column, of=of, key=key))
    op.execute(GRANTS)


def downgrade() -> None:
    """Back to accounts that all see everybody; who looked at whom goes with it."""
    tables = [table for table in (*OF_VISITOR, *OF_DEVICE, *(each[0] for each in OF_OTHERS)) if table != "look"]
    for table in tables:
        op.execute(f"DROP POLICY own_teams ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM keepclear_reader")
    op.execute(DOWN)
