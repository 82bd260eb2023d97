"""`python -m bench.detection.tracks`: what each rule says on the three real phone tracks, as pictures and a table."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from bench.detection.phone import Fixes
from bench.detection.rules import BASELINES, EPOCH, as_found
from bench.detection.score import Found
from bench.detection.simulation import OURS
from bench.detection.town import Floats, Town
from geofences.index import ZoneIndex
from tracker.detection import Recording, detect
from tracker.fix import Fix
from tracker.recordings.tracks import read
from tracker.settle import always

mpl.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
PHONES = ("phone_android_a_nanjing", "phone_android_b_nanjing", "phone_ios_a_nanjing")
ABOUT_M = 100.0
PAST_S = 240.0
COLOURS = ("tab:red", "tab:orange", "tab:olive", "tab:purple", "tab:blue")


class Track:
    """One phone's fixes in canonical order, and the metres from each to each zone's edge."""

    def __init__(self, path: Path, town: Town, index: ZoneIndex) -> None:
        recording = Recording()
        for track in read(path):
            for fix in track.fixes:
                recording.add(fix)
        self.recording = recording
        self.fixes: list[Fix] = [fix for shift in recording.shifts() for fix in shift]
        self.at = np.array([fix.fix_at for fix in self.fixes])
        self.accuracy_m = np.array([np.inf if fix.accuracy_m is None else fix.accuracy_m for fix in self.fixes])
        lons, lats = (np.array([getattr(fix, axis) for fix in self.fixes]) for axis in ("lon", "lat"))
        count = len(town.zones)
        self.signed = [index.measure_many(lons, lats, np.full(len(lons), row)) for row in range(count)]

    def said(self, town: Town, index: ZoneIndex) -> dict[str, list[Found]]:
        """What each rule reports, times in seconds UTC."""
        blank = np.full(len(self.at), np.nan)
        none = np.zeros(len(self.at), bool)
        fixes = Fixes(self.at, np.empty((len(self.at), 2)), self.accuracy_m, blank, 0.0, 0.0, 0.0, none)
        said = {name: rule(fixes, self.signed) for name, rule in BASELINES.items()}
        found = as_found(town, detect(self.recording, always(index)))
        ours = [
            one._replace(
                first_possible_at=one.first_possible_at + EPOCH,
                confirmed_at=one.confirmed_at + EPOCH,
                exit_at=one.exit_at + EPOCH,
            )
            for one in found
        ]
        return said | {OURS: ours}

    def episodes(self) -> list[tuple[float, float]]:
        """Times within 100 m of an edge or inside, put together where less than 4 min apart."""
        near = self.at[np.min(self.signed, axis=0) <= ABOUT_M]
        if not len(near):
            return []
        cuts = np.flatnonzero(np.diff(near) > PAST_S)
        starts, ends = np.concatenate(([0], cuts + 1)), np.concatenate((cuts, [len(near) - 1]))
        return [(float(near[a]) - PAST_S / 4, float(near[b]) + PAST_S / 4) for a, b in zip(starts, ends, strict=True)]


def draw(track: Track, said: dict[str, list[Found]], zones: Sequence[str], path: Path) -> None:
    """A column an episode: metres to the edges with the claimed accuracy above, what the rules said below."""
    episodes = track.episodes()
    figure, axes = plt.subplots(
        2,
        len(episodes),
        figsize=(max(3.2 * len(episodes), 7.0), 5.6),
        squeeze=False,
        height_ratios=(3, 2),
        layout="constrained",
    )
    for column, (start, end) in enumerate(episodes):
        _metres(axes[0][column], track, zones, start, end)
        _bars(axes[1][column], said, start, end)
        for axis in (axes[0][column], axes[1][column]):
            axis.set_xlim(0, (end - start) / 60.0)
            axis.tick_params(labelsize=7)
        if column:
            axes[1][column].set_yticklabels([])
    axes[0][0].set_ylabel("metres to the edge (inside below 0)", fontsize=8)
    axes[0][0].legend(fontsize=6)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _metres(axis: Any, track: Track, zones: Sequence[str], start: float, end: float) -> None:
    within = (track.at >= start) & (track.at <= end)
    minutes, accuracy_m = (track.at[within] - start) / 60.0, track.accuracy_m[within]
    axis.axhspan(-250, 0, color="tab:red", alpha=0.08)
    axis.axhline(0, color="tab:red", linewidth=0.8)
    for row, signed_m in enumerate(track.signed):
        here: Floats = signed_m[within]
        if len(here) and here.min() <= ABOUT_M:
            usable = np.where(np.isfinite(accuracy_m), accuracy_m, 0.0)
            axis.errorbar(
                minutes, here, usable, fmt=".-", markersize=3, linewidth=0.7, elinewidth=0.4, label=zones[row]
            )
    began = datetime.fromtimestamp(start, UTC) + timedelta(hours=8)
    axis.set_title(f"{began:%Y-%m-%d %H:%M}", fontsize=8)
    axis.set_ylim(-250, 350)


def _bars(axis: Any, said: dict[str, list[Found]], start: float, end: float) -> None:
    for line, (name, colour) in enumerate(zip(said, COLOURS, strict=True)):
        for one in said[name]:
            length_s = max(one.exit_at - one.confirmed_at, 4.0)
            if one.confirmed_at <= end and one.exit_at >= start:
                axis.barh(line, length_s / 60.0, left=(one.confirmed_at - start) / 60.0, color=colour, alpha=0.6)
    axis.set_yticks(range(len(said)), list(said), fontsize=7)
    axis.set_ylim(len(said) - 0.4, -0.6)
    axis.set_xlabel("minutes", fontsize=7)


def main() -> None:
    """Print the table and write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection.tracks", description=__doc__)
    parser.add_argument("--images", type=Path, default=IMAGES, help="where the pictures go")
    asked = parser.parse_args()
    town = Town.read()
    index = ZoneIndex.build(town.zones)
    rules = [*BASELINES, OURS]
    print(f"| phone | {' | '.join(rules)} |\n|{'---|' * (len(rules) + 1)}")
    for name in PHONES:
        track = Track(ROOT / "data" / "tracks" / f"{name}.jsonl", town, index)
        said = track.said(town, index)
        print(f"| {name} | {' | '.join(str(len(said[rule])) for rule in rules)} |")
        draw(track, said, [zone.id for zone in town.zones], asked.images / f"detection-{name}.png")


if __name__ == "__main__":
    main()
