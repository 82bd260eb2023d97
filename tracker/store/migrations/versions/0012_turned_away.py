"""Supervisors see how much of their people's was refused or unreadable: walled off by team, never the payload."""

from alembic import op

revision = "0012"
down_revision = "0011"

UP = """
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON quarantine USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR device IN (SELECT d.name FROM device d));
ALTER TABLE refusal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_teams ON refusal USING ((SELECT current_setting('keepclear.teams', true) = '*')
  OR device IN (SELECT d.name FROM device d));
CREATE INDEX quarantine_received ON quarantine (received_at);
GRANT SELECT (id, received_at, device, reason) ON quarantine TO keepclear_reader;
GRANT SELECT ON refusal TO keepclear_reader;
"""
DOWN = """
REVOKE ALL ON quarantine, refusal FROM keepclear_reader;
DROP INDEX quarantine_received;
DROP POLICY own_teams ON quarantine;
DROP POLICY own_teams ON refusal;
ALTER TABLE quarantine DISABLE ROW LEVEL SECURITY;
ALTER TABLE refusal DISABLE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Wall the rows off, then let the reader role see them."""
    op.execute(UP)


def downgrade() -> None:
    """The reader role sees none of it again."""
    op.execute(DOWN)
