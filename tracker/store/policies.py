"""Policies of categories in and out; a new version of one makes new versions of its zones."""

from typing import LiteralString

from psycopg import Connection

from geofences.policy import Policy
from geofences.schedule import Schedule
from tracker.store.connection import Row, rows
from tracker.zones.record import Signature

POLICIES: LiteralString = """
SELECT category, standoff_m, warning_m, schedule, time_zone, version FROM zone_policy
WHERE valid_to IS NULL ORDER BY category"""
END = "UPDATE zone_policy SET valid_to = now() WHERE category = %s AND valid_to IS NULL"
ADD = """
INSERT INTO zone_policy (category, version, standoff_m, warning_m, schedule, time_zone, valid_from, recorded_by, reason,
                         approver)
VALUES (%s, (SELECT coalesce(max(version), 0) + 1 FROM zone_policy WHERE category = %s), %s, %s, %s, %s, now(),
        %s, %s, %s)"""


def policies(connection: "Connection[Row]") -> dict[str, Policy]:
    """The policies in force, by category."""
    return {
        category: Policy(category, standoff_m, warning_m, Schedule(text, zone) if text else None, version)
        for category, standoff_m, warning_m, text, zone, version in rows(connection, POLICIES)
    }


def add_policy(connection: "Connection[Row]", policy: Policy, signature: Signature) -> None:
    """Write the next version of a policy; its zones are the caller's to write, in the same transaction."""
    hours = (None, None) if policy.schedule is None else (policy.schedule.text, policy.schedule.time_zone)
    connection.execute(END, (policy.category,))
    given = (policy.category, policy.category, policy.standoff_m, policy.warning_m, *hours)
    connection.execute(ADD, (*given, signature.by, signature.why, signature.approver))
