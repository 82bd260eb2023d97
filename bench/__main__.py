"""`python -m bench [zones|edits|ingest|latency|cost ...] [--seconds N]`: measure, and print the table of the goals."""

import argparse
import os
import platform
import resource
import sys
import time

import psutil

from bench import cost, ingest, latency, live_map, zone_edits, zones
from bench.result import Line, Result, table
from bench.site import say
from tracker.errors import KeepClearError

PARTS = {
    "zones": zones.results,
    "edits": zone_edits.results,
    "ingest": ingest.results,
    "latency": latency.results,
    "cost": cost.results,
    "livemap": live_map.results,
}
SECONDS = {"zones": 0.0, "edits": 0.0, "ingest": 60.0, "latency": 40.0, "cost": 40.0, "livemap": 30.0}


def main() -> int:
    """Run the parts that are asked for, all by default; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all if none is given")
    parser.add_argument("--seconds", type=float, help="how long each measurement lasts, where time bounds it")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    allow_connections()
    begun = time.monotonic()
    lines: list[Line] = []
    for part in asked.parts or PARTS:
        say(f"{part} ...")
        lines += PARTS[part](asked.seconds or SECONDS[part])
    print(f"\n{machine()}; {time.monotonic() - begun:.0f} s in all\n\n{table(lines)}")
    return 0 if all(line.reached for line in lines if isinstance(line, Result)) else 1


def allow_connections() -> None:
    """A socket a phone: as many open files as this account may have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def machine() -> str:
    """What was measured on."""
    memory = psutil.virtual_memory().total / 1e9
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeepClearError as error:
        sys.exit(f"{error}")
