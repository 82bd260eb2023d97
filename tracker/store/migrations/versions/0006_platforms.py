"""A device's platform is one that detection knows; it says what the accuracy of its fixes means."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Name those that are unknown as detection took them: iOS, whose errors are the widest."""
    op.execute("UPDATE device SET platform = 'ios' WHERE platform NOT IN ('android', 'ios', 'browser')")
    op.execute("ALTER TABLE device ADD CONSTRAINT platform_is_known CHECK (platform IN ('android', 'ios', 'browser'))")


def downgrade() -> None:
    """Let any word stand there."""
    op.execute("ALTER TABLE device DROP CONSTRAINT platform_is_known")
