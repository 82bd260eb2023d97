"""What a worker counts (Prometheus). No label ever names a person or a place."""

import os
from pathlib import Path

import psutil
from prometheus_client import Counter, Gauge, Histogram

from tracker.batch import Receipt

FIXES = Counter("keepclear_fixes", "Fixes by what became of them.", ["fate"])
REFUSED = Counter("keepclear_fixes_refused", "Refused fixes by reason.", ["reason"])
QUARANTINED = Counter("keepclear_messages_quarantined", "Parts of messages that could not be read.")
ALERTS = Counter("keepclear_alerts", "Alerts raised, by kind.", ["kind"])
RESTARTS = Counter("keepclear_worker_restarts", "Times a worker lost the database and started again.")
HELD_BACK = Gauge(
    "keepclear_messages_held_back", "Messages that a fault keeps from being committed.", multiprocess_mode="livesum"
)
SHARDS = Gauge("keepclear_shards_held", "Shards that a worker serves.", multiprocess_mode="livesum")
BATCH_MESSAGES = Histogram("keepclear_batch_messages", "Messages in a batch.", buckets=(1, 10, 50, 100, 500, 1000))
BATCH_SECONDS = Histogram(
    "keepclear_batch_seconds", "Seconds from taking a batch to its commit.", buckets=(0.002, 0.005, 0.01, 0.05, 0.2, 1)
)


def forget_the_dead() -> None:
    """Drop the gauges of processes that were killed: they could not do it themselves."""
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    for path in Path(directory).glob("gauge_live*_*.db") if directory else ():
        if not psutil.pid_exists(int(path.stem.rpartition("_")[2])):
            path.unlink(missing_ok=True)


def count(receipt: Receipt) -> None:
    """Add a committed batch."""
    FIXES.labels("stored").inc(receipt.stored)
    FIXES.labels("duplicate").inc(receipt.duplicates)
    QUARANTINED.inc(receipt.quarantined)
    for reason, refused in receipt.refused.items():
        REFUSED.labels(reason.value).inc(refused)
    for alert in receipt.alerts:
        ALERTS.labels(alert.kind.value).inc()
