"""What a phone says of its clock and satellites, and what of a shift is worth asking about."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; tracks from before have no signals."""
    op.execute("ALTER TABLE fix ADD monotonic_s DOUBLE PRECISION, ADD satellites SMALLINT")
    op.execute("ALTER TABLE track ADD plausibility JSONB")


def downgrade() -> None:
    """Drop them."""
    op.execute("ALTER TABLE fix DROP monotonic_s, DROP satellites")
    op.execute("ALTER TABLE track DROP plausibility")
