"""`-t demo`: draw a small library, index it, search it, serve it."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from photoseek.cli.missing import DEMO, DEMO_INDEX
from photoseek.cli.output import new_console
from photoseek.cli.present import print_hits, print_report
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import SoFar, indexing_bar
from photoseek.cli.serve import serve_here
from photoseek.demo.example_queries import EXAMPLE_QUERIES
from photoseek.demo.library import write_library
from photoseek.engine import PhotoSearch
from photoseek.guarding import check_guarded
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.source_run import index_source
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import open_source

PHOTOS = 600
SHOWN_QUERIES = 3
SHOWN_HITS = 5


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show what photoseek does, with nothing but what comes with it; serves until Ctrl-C."""
    console = new_console()
    place = settings.index if "index" in settings.model_fields_set else DEMO_INDEX
    settings = settings.model_copy(update={"index": place, "model": "demo"})
    check_guarded(settings)  # and not first when all is drawn
    manifest = _draw(options.limit or PHOTOS, console)
    with PhotoSearch(settings) as index:
        print_report(_index(manifest, index, settings, console), console)
        for query in EXAMPLE_QUERIES[:SHOWN_QUERIES]:
            found = index.search(query, top_k=SHOWN_HITS)
            console.print(f"\n{query}", style="bold", highlight=False)
            print_hits(found.hits, "", console)
    ask = f"{command('search')} {quoted(EXAMPLE_QUERIES[3])} --index {quoted(place)}"
    console.print(f"\nAsk it yourself:  {ask}", highlight=False, markup=False, soft_wrap=True)
    return serve_here(settings, console)


def _index(manifest: Path, index: PhotoSearch, settings: Settings, console: Console) -> IndexReport:
    source, so_far = open_source(str(manifest)), SoFar()
    try:
        with indexing_bar(source, None, console, so_far) as show:
            return index_source(source, index, settings, on_progress=show)
    except KeyboardInterrupt:
        console.print(so_far.kept(), highlight=False)
        raise


def _draw(count: int, console: Console) -> Path:
    drawn = 0
    try:
        with photo_bar("Drawing the demo library", count, console) as show:

            def move(done: int, _: int) -> None:
                nonlocal drawn
                drawn = done
                show(done)

            manifest = write_library(DEMO / "photos", count, progress=move)
    except KeyboardInterrupt:
        kept = f"{drawn:,} of {count:,} drawings are kept"
        console.print(f"Stopped. {kept}; the same command goes on from there.", highlight=False)
        raise
    console.print(f"{count} drawings in {DEMO / 'photos'}")
    return manifest
