"""The page of `bench million`, with its tables and plots, out of what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.line_plots import Plot, Points, svg
from bench.million_estimate import PHOTOS, estimates

_TITLE = "As the library grows"
_FILTERS = {
    "all": "none",
    "half": "50 %",
    "tenth": "10 %",
    "percent": "1 %",
    "permille": "0.1 %",
}
Measured = dict[str, Any]

_ABOVE_AIM = """\
### What takes longer than it should, and why

Looked at on 2026-11-28 with a sampling profiler and by CPU time, with an index of the same photos
on two cores with a load of 20 to 35 by other work, so that what the clock said tells little.

**Exact search**, 358 to 538 ms in three runs on a quiet machine, where 300 are the aim. It took
800 to 860 ms of CPU time, and to read the column by Lance's scanner and compare nothing took as
much in the same run: 773 to 847 in batches of 1,024 rows, and more in larger ones. Of the samples
24 % were the system's copying of 2 GB out of its cache, 11 % its search for the pages there, and
29 % were copying once more in Lance's threads; where that is done was not seen. Other sizes of
single reads (`LANCE_MAX_IOP_SIZE`) and batches (`LANCE_DEFAULT_BATCH_SIZE`) changed nothing
beyond what such measurements vary by. On two cores the aim is 600 ms of CPU time, so no product,
however quick, reaches it behind that scanner. In the one file that was looked at, 5,000 vectors
lay one behind the other as NumPy has them, so a product over mapped files should take what
NumPy's takes above. But where pages begin, which rows are deleted and which files a version has,
only Lance's own formats tell, and LanceDB's Python does not. What is needed is a reader of
Lance's that hands out pages as they lie, without a copy.

**Hits 5,000 to 5,020**, 101 to 105 ms in three quiet runs, where 100 are the aim; 87 in the
quickest of 24 such pages in spite of the load. Of the 74 and 96 ms of CPU time that the quickest
page took in two runs, the search among codes had 27 in both, and to take the vectors of 2,028
photos, by which the places around the page are ranked again, 30 and 60. That is 13 µs for each
photo by the clock at best, and half of the samples were the system's switching between threads:
Lance hands each read to another one. With two threads for reading (`LANCE_IO_THREADS`) it took
about as long as with eight, with one longer, and its lighter scheduler
(`LANCE_USE_LITE_SCHEDULER`) was no quicker. The 20 records took 6.

**The slowest of a hundred searches**, 41 to 64 ms in three quiet runs, where 60 are the aim, are
the first ones of a process: of 99 after the first, seven read more than 1.5 MB of the index, up
to 131, and took 33 to 293 ms of CPU time. Of the others 99 of 100 took 30 at most, where the
median was 24. A service reads the index before anybody asks: after that 99 of 100 searches took
33 at most, and the slowest 38.

**Facets, first in a process**, where 100 ms are the aim: above 320 photos were added, replaced or
deleted since the upkeep that saved what they count, and these rows' files are read. Where nothing
was, they took 51 ms of CPU time and 65 by the clock at best, and 51 to 207 of CPU time by load;
before it was saved it was 910 to 1,063, by turns. A service counts them before anybody asks.

""".splitlines()
"""Kept by hand: it belongs to no single run."""


def write_page(measured: Measured, folder: Path) -> None:
    """Write million.md and the pictures that it shows."""
    plots = _plots(measured)
    for name, plot in plots.items():
        (folder / f"million-{name}.svg").write_text(svg(plot), "utf-8")
    (folder / "million.md").write_text("\n".join(_page(measured, plots)), "utf-8")


def _page(measured: Measured, plots: dict[str, Plot]) -> list[str]:
    return [
        f"# {_TITLE}",
        "",
        f"`python -m bench million --rows {measured['rows']}` writes this page: the embedded store",
        "as it grows. Vectors are like CLIP's, and queries like its texts, which lie apart from",
        "photos. Photos have no pixels here, and come by 1,000 to a commit. Recall@10 is against",
        "comparing with all.",
        "",
        f"{_about(measured)}. {measured['note']}".strip(),
        "",
        *_growth(measured, plots),
        *_searches(measured, plots),
        *_beyond(measured),
    ]


def _growth(measured: Measured, plots: dict[str, Plot]) -> list[str]:
    """What each step took, and the disk at the end."""
    disk = measured["disk"]
    return [
        "## As it grows",
        "",
        "A small commit has 32 photos. What it reads is counted as the process reads it, from the",
        "disk or its cache: of the index on ids a page for each photo at most, of 4,096 ids and",
        "0.1 MB, and none that was read since the last upkeep. The process that commits has added",
        "all photos; one that has just begun looks for the ids of new photos in that index too.",
        "",
        *_table(
            (
                *("photos", "added, photos/s", "CPU of one, µs", "upkeep, s", "its CPU, s"),
                *("small commit, ms", "its CPU, ms", "reads, MB"),
                *("of known photos, ms", "reads, MB"),
                *("disk, GB", "live, GB", "memory while adding, GB"),
            ),
            [
                (
                    f"{row['rows']:,}",
                    *(f"{row['insert_per_s']:,.0f}", f"{row['insert_cpu_us']:.0f}"),
                    *(f"{row['maintain_s']:.1f}", f"{row['maintain_cpu_s']:.1f}"),
                    *_commit(row["commit_new"], with_cpu=True),
                    *_commit(row["commit_old"], with_cpu=False),
                    *(f"{row['disk_gb']:.2f}", f"{row['live_gb']:.2f}", f"{row['memory_gb']:.2f}"),
                )
                for row in measured["steps"]
            ],
        ),
        "",
        *_images(plots, "insert", "commit", "maintain", "disk"),
        *_upkeep(measured),
        f"At the end {disk['at_the_end_gb']:.2f} GB, of which {disk['live_gb']:.2f} GB are live",
        f"and {disk['vectors_gb']:.2f} GB are vectors; {disk['rested_gb']:.2f} GB when upkeep has",
        "run twice more, each time after old versions could be removed.",
        "",
    ]


def _searches(measured: Measured, plots: dict[str, Plot]) -> list[str]:
    """What searches and other reads of the whole library took."""
    whole = measured["whole"]
    return [
        "## Searching",
        "",
        f"In a process that only searches, {measured['rows']:,} photos, ten hits, one client.",
        "",
        *_table(
            ("a filter keeps", "first, ms", "p50, ms", "p99, ms", "recall@10", "memory, GB"),
            [
                (
                    name,
                    *(f"{found[key]:.1f}" for key in ("first_ms", "p50_ms", "p99_ms")),
                    *(f"{found['recall']:.3f}", f"{found['memory_gb']:.2f}"),
                )
                for key, name in _FILTERS.items()
                for found in (whole[key],)
            ],
        ),
        "",
        *_images(plots, "search", "recall"),
        *_table(
            ("read", "ms"),
            [(name, f"{value:.1f}") for name, value in (whole["reads"] | whole["exact"]).items()],
        ),
        "",
        "The last rows are what an exact search must do at least: NumPy's product reads every",
        "vector once, out of a file in memory.",
        "",
        *_ABOVE_AIM,
    ]


def _beyond(measured: Measured) -> list[str]:
    """What is estimated for more photos than were measured."""
    return [
        f"## {PHOTOS // 1_000_000} million, estimated",
        "",
        f"**Nothing beyond {measured['rows']:,} photos was run.** This is arithmetic: a unit that",
        "was measured above, times what it grows with.",
        "",
        *_table(
            ("what", "unit, as measured", "it grows", f"at {PHOTOS:,}"),
            [tuple(each) for each in estimates(measured)],
            first="---",
        ),
        "",
        "Three things may make it worse, and nobody has tried them. Vectors and rows are then",
        "larger than the memory of this machine, so that what a search ranks again, and each",
        "page of hits, comes from the disk. Of an index a third of the machine's memory is",
        "kept, and 6 GB at most, so that each search reads the rest again. And that a fifth of",
        "the partitions is enough was found with this many photos and fewer. Where facets and",
        "exact search are to be quick,",
        "[an engine](../scaling.md) is the better place.",
        "",
    ]


def _upkeep(measured: Measured) -> list[str]:
    """What upkeep takes for a photo, all steps together."""
    steps, rows = measured["steps"], measured["rows"]
    seconds = sum(row["maintain_s"] for row in steps)
    new = [row["rows"] - before for row, before in zip(steps, [0, *_rows(steps)], strict=False)]
    adding = sum(n / row["insert_per_s"] for n, row in zip(new, steps, strict=True))
    return [
        f"Upkeep took {seconds:.0f} s in all: {1e6 * seconds / rows:.0f} µs for each photo, beside",
        f"{1e6 * adding / rows:.0f} to add it. It goes by what is new, but for the times at which",
        f"the vector index is made again: with {measured['outgrown']} times as many photos.",
        "Searches and writes go on meanwhile.",
        "",
        "By a little it goes by what is there, too: Lance writes the index of words whole each",
        "time. It can add a part for what is new (`OptimizeOptions.num_indices_to_merge` of 0, in",
        "Rust), but without that option it joins what is new with the last part, which is all.",
        "LanceDB 0.40 gives its `optimize` for Python only the age of versions, and no other call",
        "makes a second part: `create_index` is always for all rows.",
        "",
    ]


def _rows(steps: list[Measured]) -> list[int]:
    return [int(row["rows"]) for row in steps]


def _plots(measured: Measured) -> dict[str, Plot]:
    steps, about = measured["steps"], _about(measured)

    def grown(title: str, unit: str, **lines: Points) -> Plot:
        return Plot(title, about, "photos", unit, lines)

    def of(key: str) -> Points:
        return [(row["rows"], row[key]) for row in steps]

    def found(key: str) -> Points:
        return [(row["rows"], row["search"][key]) for row in steps]

    def commit(name: str, key: str, unit: float = 1.0) -> Points:
        return [(row["rows"], unit * row[name][key]) for row in steps]

    curves = measured["curves"]
    return {
        "insert": grown("Photos added in a second", "photos/s", added=of("insert_per_s")),
        "commit": grown(
            "CPU time of a commit of 32 photos",
            "ms",
            new=commit("commit_new", "cpu_s", 1000),
            known=commit("commit_old", "cpu_s", 1000),
        ),
        "maintain": grown(
            "Upkeep after each step", "s", elapsed=of("maintain_s"), CPU=of("maintain_cpu_s")
        ),
        "disk": grown("Disk after upkeep", "GB", all=of("disk_gb"), live=of("live_gb")),
        "search": grown(
            "A search without a filter", "ms", p50=found("p50_ms"), p99=found("p99_ms")
        ),
        "recall": Plot(
            f"Recall against latency, {curves['rows']:,} photos",
            about,
            "ms for a search",
            "recall@10",
            curves["lines"],
            is_log_x=True,
            lowest_y=0.5,
        ),
    }


def _about(measured: Measured) -> str:
    machine = measured["machine"]
    memory = f"{machine['memory_gb']:.0f} GB"
    where = f"{machine['cores']} cores of {machine['processor']}, {memory}"
    return f"{machine['date']}, {where}, load {machine['load']:.1f}"


def _commit(cost: dict[str, float], *, with_cpu: bool) -> list[str]:
    cpu = [f"{1000 * cost['cpu_s']:.0f}"] if with_cpu else []
    return [f"{1000 * cost['s']:.0f}", *cpu, f"{cost['read_mb']:.2f}"]


def _images(plots: dict[str, Plot], *names: str) -> list[str]:
    return [line for name in names for line in (f"![{plots[name].title}](million-{name}.svg)", "")]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]], first: str = "---:") -> list[str]:
    rule = " | ".join([first, *["---:"] * (len(head) - 1)])
    return [f"| {' | '.join(head)} |", f"| {rule} |", *(f"| {' | '.join(row)} |" for row in rows)]
