"""Covers of many zones in processes of their own, so that whoever waits for them can do other work meanwhile.

`python -m geofences.lookup.covering` is such a process: it reads one job from standard input and writes its cover to
standard output. A pipe and nothing else: when the one who asked dies, the helper's input or output ends and so does it.
"""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import IO

import numpy as np

from geofences.geodesy import Ints
from geofences.lookup.cover import Areas, Cover, cover

AT_ONCE = 20_000
"""Zones; it bounds memory."""
APART_FROM = 5_000
"""Zones; covering fewer takes no longer than starting a process."""
ASIDE = 10
"""How much nicer a process is that nobody waits for."""


def covers(rows: Ints, areas: Areas, resolution: int) -> Cover:
    """The cover of some rows of all areas, here; its zones are rows of the whole."""
    parts = [rows[begin : begin + AT_ONCE] for begin in range(0, len(rows), AT_ONCE)]
    found = [cover(areas.pick(part), resolution) for part in parts]
    return joined([each._replace(zone=part[each.zone]) for part, each in zip(parts, found, strict=True)])


def covers_apart(rows: Ints, areas: Areas, resolution: int) -> Cover:
    """The same by as many other processes as there are cores."""
    return _by_others(rows, areas, resolution, 0)


def covers_aside(rows: Ints, areas: Areas, resolution: int) -> Cover:
    """The same with a lower priority than this process."""
    return _by_others(rows, areas, resolution, ASIDE)


def _by_others(rows: Ints, areas: Areas, resolution: int, nicer: int) -> Cover:
    if len(rows) < APART_FROM:
        return covers(rows, areas, resolution)
    parts = np.array_split(rows, os.cpu_count() or 1)
    try:
        with ThreadPoolExecutor(len(parts), "cover") as pool:
            found = list(pool.map(lambda part: _ask(areas.pick(part), resolution, nicer), parts))
    except (OSError, subprocess.SubprocessError):  # no memory, or no processes, for helpers
        return covers(rows, areas, resolution)
    return joined([each._replace(zone=part[each.zone]) for part, each in zip(parts, found, strict=True)])


def joined(found: list[Cover]) -> Cover:
    """Several covers as one."""
    return Cover(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _ask(areas: Areas, resolution: int, nicer: int) -> Cover:
    job = pickle.dumps((areas, resolution), pickle.HIGHEST_PROTOCOL)
    command = [sys.executable, "-m", __name__, str(nicer)]
    done = subprocess.run(command, input=job, stdout=subprocess.PIPE, check=True)
    answer: Cover = pickle.loads(done.stdout)  # noqa: S301  from ourselves
    return answer


def answer(job: IO[bytes], out: IO[bytes], nicer: int) -> None:
    """Do one job."""
    os.nice(nicer)
    areas, resolution = pickle.load(job)  # noqa: S301  from ourselves
    pickle.dump(covers(np.arange(len(areas.reach_m)), areas, resolution), out, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    answer(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]))
