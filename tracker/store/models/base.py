"""What all tables share. Times are timestamptz (UTC), positions geography(…,4326), lengths metres."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NOW = text("now()")
Time = DateTime(timezone=True)


class Base(DeclarativeBase):
    """All tables of KeepClear."""

    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as a class attribute
        datetime: Time,
        str: Text,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }
