"""Texts in tables that are opened in a spreadsheet, which runs what looks like a formula (OWASP, CSV injection)."""

from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Excel takes the full-width signs of an East Asian keyboard for the same."""


def harmless(value: Any) -> Any:
    """A text that would run as a formula, made plain by an apostrophe; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
