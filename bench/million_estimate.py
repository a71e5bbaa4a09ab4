"""What ten million photos would take, out of what `bench million` has measured on fewer.

Nothing of that size is run. Each figure is a unit that was measured, times what it grows with.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from photoseek.store.lance.probing import probes_of

PHOTOS = 10_000_000
_IDS_TO_A_PAGE = 4_096
_SMALL_COMMIT = 32
Measured = dict[str, Any]


class Line(NamedTuple):
    """What grows by `each` with every photo, from `start`."""

    start: float
    each: float

    def at(self, photos: float) -> float:
        """What it is with so many photos."""
        return self.start + self.each * photos


class Estimate(NamedTuple):
    """A figure for ten million photos: its unit as measured, and how that grows."""

    what: str
    unit: str
    growth: str
    figure: str


def estimates(measured: Measured) -> list[Estimate]:
    """All of them."""
    return [*_kept(measured), *_written(measured), *_searched(measured)]


def _kept(measured: Measured) -> list[Estimate]:
    steps = measured["steps"]
    disk = measured["disk"]["live_gb"] / measured["rows"]
    vector = measured["disk"]["vectors_gb"] / measured["rows"]
    searching = _line([(step["rows"], step["search"]["memory_gb"]) for step in steps])
    adding = _line([(step["rows"], step["memory_gb"]) for step in steps])
    return [
        Estimate(
            "disk, GB",
            f"{1e9 * disk:,.0f} bytes a photo, {1e9 * vector:,.0f} of them its vector",
            "with the photos",
            f"{disk * PHOTOS:.0f}",
        ),
        Estimate(
            "memory of a process that only searches, GB",
            f"{searching.start:.2f} GB and {1e9 * searching.each:.0f} bytes a photo, "
            f"{vector * 1e9 / 4:.0f} of them its code",
            "with the photos, until that is a third of the machine's memory, or 6 GB",
            f"{searching.at(PHOTOS):.1f}",
        ),
        Estimate(
            "memory of a process that adds, GB",
            f"{adding.start:.2f} GB and {1e9 * adding.each:.0f} bytes a photo",
            "with the photos",
            f"{adding.at(PHOTOS):.1f}",
        ),
    ]


def _written(measured: Measured) -> list[Estimate]:
    steps = measured["steps"]
    added, last = _new(steps), steps[-1]
    again = _made(steps)
    usual = _line([(step["rows"], step["maintain_s"]) for step in steps if step not in again[1:]])
    making = max(step["maintain_s"] / step["rows"] for step in again)
    step_photos = max(added)
    every = np.arange(step_photos, PHOTOS + 1, step_photos)
    sizes = _sizes_made_again(measured)
    upkeep = float(sum(map(usual.at, every.tolist()))) + making * sum(sizes)
    first, at_last = steps[0]["insert_cpu_us"], last["insert_cpu_us"]
    return [
        Estimate(
            "adding all, hours",
            f"{1e6 / last['insert_per_s']:.0f} µs a photo, the last {added[-1]:,}",
            f"with the photos; CPU of one was {first:.0f} µs at first and {at_last:.0f} at last",
            f"{PHOTOS / last['insert_per_s'] / 3600:.1f}",
        ),
        Estimate(
            "a small commit reads, MB",
            f"{last['commit_new']['read_mb']:.1f} MB",
            f"not: a page of {_IDS_TO_A_PAGE:,} ids for each of its {_SMALL_COMMIT} photos at most",
            f"{max(last['commit_new']['read_mb'], _SMALL_COMMIT * 0.1):.1f}",
        ),
        Estimate(
            f"upkeep after {step_photos:,} more, s",
            f"{usual.start:.1f} s and {1e6 * usual.each:.1f} s for each million that is there",
            "with what is new, and by that little with what is there",
            f"{usual.at(PHOTOS):.0f}",
        ),
        Estimate(
            "making the vector index again, minutes",
            f"{1e6 * making:.0f} µs a photo, with {again[-1]['rows']:,}",
            f"with the photos at that moment, {sizes[-1]:,}; to learn the partitions grows with "
            "the square of their number up to 256, and less beyond (not measured)",
            f"{making * sizes[-1] / 60:.0f}",
        ),
        Estimate(
            "upkeep in all, hours",
            f"the two above, after each {step_photos:,}",
            f"at {', '.join(f'{size:,}' for size in sizes)} the index is made again",
            f"{upkeep / 3600:.1f}",
        ),
    ]


def _searched(measured: Measured) -> list[Estimate]:
    curve, rows = measured["curves"], measured["rows"]
    codes = curve["rows"] / curve["partitions"]
    ours = [
        (min(probes, curve["partitions"]) * codes, ms)
        for probes, (ms, _) in zip(curve["probes"], curve["lines"]["photoseek"], strict=True)
    ]
    search = _line(ours)
    made_for = _sizes_made_again(measured)[-1]
    now = _codes(rows, measured["steps"][-1]["partitions"])
    then = _codes(PHOTOS, made_for // measured["partition_rows"])
    reads, exact = measured["whole"]["reads"], measured["whole"]["exact"]
    times = PHOTOS / rows
    return [
        Estimate(
            "a search without a filter, p50, ms",
            f"{search.start:.1f} ms and {1e6 * search.each:.0f} ms for a million codes compared, "
            f"of {curve['rows']:,} photos. For {rows:,} that gives {search.at(now):.0f} ms, and "
            f"{measured['whole']['all']['p50_ms']:.0f} were measured",
            f"with the codes in the partitions asked, {then:,.0f}",
            f"{search.at(then):.0f}",
        ),
        Estimate(
            "a search with a rare filter, ms",
            "the same for each code",
            f"all partitions are asked, {PHOTOS:,} codes, those that the filter drops cost less",
            f"at most {search.at(PHOTOS):.0f}",
        ),
        *(
            Estimate(
                f"{name}, ms",
                f"{ms:.0f} ms with {rows:,} photos",
                "with the photos",
                f"{ms * times:,.0f}",
            )
            for name, ms in (
                ("facets, first in a process", reads["facets, first in a process"]),
                ("facets, with a new filter", reads["facets, with a new filter"]),
                ("exact search", exact["exact search"]),
            )
        ),
    ]


def _line(points: Sequence[tuple[float, float]]) -> Line:
    """The line that is nearest to points, by least squares."""
    xs, ys = np.array(points, np.float64).T
    each, start = np.polyfit(xs, ys, 1)
    return Line(float(start), float(each))


def _new(steps: Sequence[Measured]) -> list[int]:
    rows = [0, *(step["rows"] for step in steps)]
    return [after - before for before, after in pairwise(rows)]


def _made(steps: Sequence[Measured]) -> list[Measured]:
    """Those steps whose upkeep made the vector index, or made it again."""
    before = [0, *(step["partitions"] for step in steps)]
    pairs = zip(steps, before, strict=False)
    return [step for step, partitions in pairs if step["partitions"] != partitions]


def _codes(photos: int, partitions: int) -> float:
    """How many codes a search without a filter compares."""
    return photos * min(1.0, probes_of(partitions, kept=1.0) / partitions)


def _sizes_made_again(measured: Measured) -> list[int]:
    """At how many photos the index is made again, from the last time that was measured on."""
    sizes = [int(_made(measured["steps"])[-1]["rows"])]
    while sizes[-1] * measured["outgrown"] <= PHOTOS:
        sizes.append(sizes[-1] * measured["outgrown"])
    return sizes
