"""How results look on a terminal, and to scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import print_row, print_sentence, short_place
from photoseek.cli.progress import rate_of
from photoseek.helpers.path_rules import is_absolute
from photoseek.records import Hit, IndexReport, Skip, Sort
from photoseek.sources.file_kinds import not_read_sentence
from photoseek.store.fields import BY_NAME
from photoseek.store.record_json import told_since, written_json

SHOWN_SKIPS = 10
SHOWN_REMARKS = 10
LEAST_PLACE = 16
"""Columns of a place of which only the end has room."""

SHOWN_CAPTION = 160
"""Characters of a caption in a table; `--json` has all of it."""


def hit_json(hit: Hit) -> str:
    """One hit on one line."""
    photo = hit.stored.described
    written = written_json(hit.stored.traits.written)
    return json_line(
        {
            "id": photo.id,
            "rank": hit.rank,
            "score": round(hit.score, 6),
            "uri": photo.uri,
            "link": hit.link,
            "caption": photo.caption,
            "tags": list(photo.tags),
            "photographer": photo.photographer,
            "licence": photo.licence,
            "source_url": photo.source_url,
            "folder": photo.folder,
            "width": hit.stored.width,
            "height": hit.stored.height,
            "colours": list(hit.stored.traits.colours),
            "taken": hit.stored.traits.taken,
            "indexed_at": told_since(hit.stored),
            "duplicates": [copy.photo.id for copy in hit.duplicates],
            "metadata": dict(photo.metadata),
            "written": written,
            "text": hit.stored.text.text if hit.stored.text else "",
            "lines_found": list(hit.lines_found),
        }
    )


def print_hits(
    hits: Sequence[Hit],
    title: str,
    console: Console,
    sort: Sort | None = None,
    *,
    has_scores: bool = True,
) -> None:
    """A table on a terminal; elsewhere a line for each hit: rank, score, place, id and caption.

    Without a query no photo has a score: the table shows none, and the cell of a line is empty.
    """
    if console.is_terminal:
        console.print(hit_table(hits, title, sort, has_scores=has_scores))
        return
    for hit in hits:
        photo = hit.stored.described
        score = f"{hit.score:.3f}" if has_scores else ""
        print_row(console, hit.rank, score, photo.uri, photo.id, photo.caption)


def hit_table(
    hits: Sequence[Hit], title: str, sort: Sort | None = None, *, has_scores: bool = True
) -> Table:
    """Rank, score, caption above place, and id of each hit; the place can be clicked.

    What hits are sorted by has a column too.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", justify="right", style="dim")
    if has_scores:
        table.add_column("score", justify="right", style="cyan")
    if sort:
        table.add_column(BY_NAME[sort.field].label.lower(), style="green", no_wrap=True)
    table.add_column("photo", overflow="fold")
    table.add_column("id", style="dim", no_wrap=True)
    for hit in hits:
        photo = hit.stored.described
        caption = shorten(photo.caption, SHOWN_CAPTION, placeholder=" ...")
        written = shorten(", ".join(hit.lines_found), SHOWN_CAPTION, placeholder=" ...")
        above = [Text(caption)] if caption else []
        above += [Text(f"written in it: {written}", style="green")] if written else []
        what = Group(*above, _Place(hit))
        value = [_sorted_by(hit, sort)] if sort else []
        score = [f"{hit.score:.3f}"] if has_scores else []
        table.add_row(str(hit.rank), *score, *value, what, photo.id)
    return table


def _sorted_by(hit: Hit, sort: Sort) -> str:
    value = BY_NAME[sort.field].read(hit.stored)
    if isinstance(value, int):
        return f"{hit.stored.width} x {hit.stored.height}"
    return str(value or "unknown")[:16].replace("T", " ")


class _Place:
    """The place of a hit on one line: of a long one the end, which has the name."""

    def __init__(self, hit: Hit) -> None:
        self._hit = hit
        self._more = f"  and {len(hit.duplicates)} more like it" if hit.duplicates else ""

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """As wide as it is, or a column of the table would take all of a wide terminal."""
        width = cell_len(short_place(self._hit.stored.photo.uri) + self._more)
        return Measurement(min(width, LEAST_PLACE), width).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        uri = self._hit.stored.photo.uri
        room = options.max_width - len(self._more)
        place = short_place(uri)
        if cell_len(place) > room:
            left_out = "..." if options.ascii_only else "…"
            while cell_len(place) > room - len(left_out) and place:
                place = place[1:]
            place = left_out + place
        link = f"dim link {self._hit.link or _link(uri)}"
        yield Text.assemble((place, link), (self._more, "dim"), no_wrap=True, overflow="ignore")


def print_report(report: IndexReport, console: Console) -> None:
    """What an indexing run did, with the reasons of what it left out."""
    parts = [f"[bold]{report.indexed:,}[/] indexed"]
    parts += [f"{report.updated:,} updated"] if report.updated else []
    parts += [f"{report.unchanged:,} unchanged"] if report.unchanged else []
    parts += [f"{report.removed:,} removed"] if report.removed else []
    parts += [f"{report.deleted:,} deleted earlier"] if report.deleted else []
    parts += [f"[yellow]{len(report.skipped):,} skipped[/]"] if report.skipped else []
    print_counts(parts, report, console)
    print_skips(report.skipped, console)
    _print_remarks(report, console)


class Timed(Protocol):
    """A report of what was done, and in how many seconds."""

    @property
    def seconds(self) -> float:
        """From the beginning to the end."""

    @property
    def photos_per_second(self) -> float:
        """Of those that took time; 0 where none did."""


def print_counts(parts: Sequence[str], report: Timed, console: Console) -> None:
    """How many photos there were of each kind, in one line with the time that they took."""
    rate = rate_of(report.photos_per_second)
    took = ", ".join(filter(None, [f"{report.seconds:.1f} s", rate]))
    console.print(f"{', '.join(parts)} in {took}", highlight=False)


def print_skips(skipped: Sequence[Skip], console: Console) -> None:
    """What was left out and why: on a terminal the first of them, and the reasons of the others."""
    if not console.is_terminal:
        for skip in skipped:
            print_row(console, skip.uri, skip.reason)
        return
    for skip in skipped[:SHOWN_SKIPS]:
        place = short_place(skip.uri)
        print_sentence(console, f"{place}: {skip.reason}", "yellow", len(place))
    hidden = Counter(skip.reason for skip in skipped[SHOWN_SKIPS:])
    for reason, count in hidden.most_common(SHOWN_SKIPS):
        print_sentence(console, f"{count:,} more: {reason}")


def _print_remarks(report: IndexReport, console: Console) -> None:
    if report.deleted:
        print_sentence(
            console, "What was deleted stays out; --again indexes it, --again ID only some."
        )
    for remark in report.remarks[:SHOWN_REMARKS]:
        print_sentence(console, remark, "yellow")
    if (more := len(report.remarks) - SHOWN_REMARKS) > 0:
        print_sentence(console, f"{more:,} more remarks: --json has all.", "yellow")
    if report.not_read:
        print_sentence(console, not_read_sentence(report.not_read), "yellow")


def _link(uri: str) -> str:
    return Path(uri).as_uri() if is_absolute(uri) else uri
