"""Structured logs: one line an event, for people or as JSON. Nobody logs a position."""

import logging

import structlog


def configure(level: str, style: str) -> None:
    """Set up structlog for this process; `style` is `console` or `json`."""
    renderer = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
