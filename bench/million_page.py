"""The page of `bench million`, with its tables and plots, out of what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.line_plots import Plot, Points, svg
from bench.million_estimate import PHOTOS, estimates
from bench.page_text import point, table, wrapped

_TITLE = "As the library grows"
_FILTERS = {
    "all": "none",
    "half": "50 %",
    "tenth": "10 %",
    "percent": "1 %",
    "permille": "0.1 %",
}
_AIM_P50, _AIM_FILTER, _AIM_P99, _AIM_RECALL, _AIM_MEMORY = 25, 40, 60, 0.98, 0.8
_AIMS = {
    "facets, first in a process": 100,
    "a word that all have": 100,
    "hits 5,000 to 5,020": 100,
    "exact search": 300,
}
"""The aims of reads that have one, in ms, as `bench million` names them."""
Measured = dict[str, Any]


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
        *wrapped(
            f"`python -m bench million --rows {measured['rows']}` writes this page: the embedded",
            "store as it grows. Vectors are like CLIP's. Queries are like its texts, which lie",
            "apart from photos. Photos have no pixels here, and come by 1,000 to a commit.",
            "Recall@10 is the share of the ten nearest photos that a search finds.",
        ),
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
        *wrapped(
            "A small commit has 32 photos, which are new or known. What it reads is counted as",
            "the process reads it, from the disk or from its cache. Of the index on ids it reads",
            "a page for each photo at most. A page has 4,096 ids and 0.1 MB, and is read once",
            "between two rounds of upkeep. The process that commits has added all photos itself,",
            "so it knows which ones are new. A process that has just begun looks for their ids in",
            "that index too.",
        ),
        "",
        *table(
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
        *wrapped(
            f"At the end the index has {disk['at_the_end_gb']:.2f} GB. Of these",
            f"{disk['live_gb']:.2f} GB are live, and {disk['vectors_gb']:.2f} GB are vectors. When",
            "upkeep has run twice more, each time after old versions could be removed, it has",
            f"{disk['rested_gb']:.2f} GB.",
        ),
        "",
    ]


def _searches(measured: Measured, plots: dict[str, Plot]) -> list[str]:
    """What searches and other reads of the whole library took."""
    whole = measured["whole"]
    return [
        "## Searching",
        "",
        *wrapped(
            f"In a process that only searches, {measured['rows']:,} photos, ten hits, one client.",
            f"The aims are {_AIM_P50} ms for the middle search (p50), {_AIM_FILTER} with a filter,",
            f"{_AIM_P99} for 99 of 100 (p99), a recall@10 of {_AIM_RECALL}, and {_AIM_MEMORY} GB.",
        ),
        "",
        *table(
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
        *table(
            ("read", "ms", "aim, ms"),
            [
                (name, f"{value:.1f}", _aim(name, value))
                for name, value in (whole["reads"] | whole["exact"]).items()
            ],
        ),
        "",
        *wrapped(
            "The last two rows are no reads of photoseek, but what an exact search must do at",
            "least: NumPy's product reads every vector once, out of a file in memory.",
        ),
        "",
        "[What takes longest, and why](million_profile.md).",
        "",
    ]


def _beyond(measured: Measured) -> list[str]:
    """What is estimated for more photos than were measured."""
    return [
        f"## {PHOTOS // 1_000_000} million, estimated",
        "",
        *wrapped(
            f"**Nothing beyond {measured['rows']:,} photos was run.** This is arithmetic: a unit",
            "that was measured above, times what it grows with.",
        ),
        "",
        *table(
            ("what", "unit, as measured", "it grows", f"at {PHOTOS:,}"),
            [tuple(each) for each in estimates(measured)],
            first="---",
        ),
        "",
        "Three things may make it worse, and nobody has tried them:",
        "",
        *point(
            "Vectors and rows are then larger than the memory of this machine. So what a search",
            "ranks again, and each page of hits, comes from the disk.",
        ),
        *point(
            "Of an index a third of the machine's memory is kept, and 6 GB at most. So each search",
            "reads the rest again.",
        ),
        *point(
            "A search without a filter looks into a fifth of the partitions. That this is enough",
            "was found with this many photos and fewer.",
        ),
        "",
        *wrapped(
            "Where facets and exact search are to be quick, [an engine](../scaling.md) is the",
            "better place.",
        ),
        "",
    ]


def _upkeep(measured: Measured) -> list[str]:
    """What upkeep takes for a photo, all steps together."""
    steps, rows = measured["steps"], measured["rows"]
    seconds = sum(row["maintain_s"] for row in steps)
    new = [row["rows"] - before for row, before in zip(steps, [0, *_rows(steps)], strict=False)]
    adding = sum(n / row["insert_per_s"] for n, row in zip(new, steps, strict=True))
    return [
        *wrapped(
            f"Upkeep took {seconds:.0f} s in all: {1e6 * seconds / rows:.0f} µs for each photo,",
            f"beside {1e6 * adding / rows:.0f} to add it. Searches and writes go on meanwhile.",
        ),
        "",
        "What upkeep takes goes by what is new, with two exceptions:",
        "",
        *point(
            f"The vector index is made again with {measured['outgrown']} times as many photos.",
        ),
        *point(
            "Lance writes the index of words whole each time. In Rust it can add a part for what",
            "is new (`OptimizeOptions.num_indices_to_merge` of 0). Without that option it joins",
            "what is new with the last part, which is all. LanceDB 0.40 does not give the option",
            "to Python, and no other call makes a second part: `create_index` is always for all",
            "rows.",
        ),
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


def _aim(name: str, ms: float) -> str:
    """The aim of a read, and whether it was missed."""
    aim = _AIMS.get(name)
    if aim is None:
        return ""
    return f"{aim}, reached" if ms <= aim else f"{aim}, **missed**"


def _commit(cost: dict[str, float], *, with_cpu: bool) -> list[str]:
    cpu = [f"{1000 * cost['cpu_s']:.0f}"] if with_cpu else []
    return [f"{1000 * cost['s']:.0f}", *cpu, f"{cost['read_mb']:.2f}"]


def _images(plots: dict[str, Plot], *names: str) -> list[str]:
    return [line for name in names for line in (f"![{plots[name].title}](million-{name}.svg)", "")]
