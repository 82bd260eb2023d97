"""An account may be somebody whom an OpenID provider knows."""

from alembic import op

revision = "0014"
down_revision = "0013"

UP = """
ALTER TABLE account ADD COLUMN oidc_issuer TEXT, ADD COLUMN oidc_subject TEXT,
  ADD CONSTRAINT account_oidc UNIQUE (oidc_issuer, oidc_subject),
  ADD CONSTRAINT account_oidc_whole CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL));
"""


def upgrade() -> None:
    """Nobody is known to a provider yet."""
    op.execute(UP)


def downgrade() -> None:
    """Passwords alone again."""
    op.execute("ALTER TABLE account DROP COLUMN oidc_issuer, DROP COLUMN oidc_subject")
