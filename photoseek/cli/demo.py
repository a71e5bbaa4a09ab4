"""`-t demo`: draw a small library, index it, search it, serve it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import Progress

from photoseek.cli.output import new_console
from photoseek.cli.present import print_hits, print_report
from photoseek.cli.runs import indexing_bar
from photoseek.cli.serve import serve_here
from photoseek.demo.example_queries import EXAMPLE_QUERIES
from photoseek.demo.library import write_library
from photoseek.engine import PhotoSearch
from photoseek.guarding import check_guarded
from photoseek.indexing.source_run import index_source
from photoseek.settings import Settings
from photoseek.sources import open_source

FOLDER = Path("data/demo")
PHOTOS = 600
SHOWN_QUERIES = 3
SHOWN_HITS = 5


def run(options: argparse.Namespace, settings: Settings) -> NoReturn:
    """Show what photoseek does, with nothing but what comes with it; serves until Ctrl-C."""
    console = new_console()
    place = settings.index if "index" in settings.model_fields_set else str(FOLDER / "index")
    settings = settings.model_copy(update={"index": place, "model": "demo"})
    check_guarded(settings)  # and not first when all is drawn
    manifest = _draw(options.limit or PHOTOS, console)
    with PhotoSearch(settings) as index:
        source = open_source(str(manifest))
        with indexing_bar(source, None, console) as show:
            report = index_source(source, index, settings, on_progress=show)
        print_report(report, console)
        for query in EXAMPLE_QUERIES[:SHOWN_QUERIES]:
            found = index.search(query, top_k=SHOWN_HITS)
            console.print(f"\n{query}", style="bold", highlight=False)
            print_hits(found.hits, "", console)
    console.print(f"\nAsk it yourself:  python app.py -t query {EXAMPLE_QUERIES[3]!r}")
    serve_here(settings, console)


def _draw(count: int, console: Console) -> Path:
    with Progress(console=console, transient=True, disable=not console.is_interactive) as bar:
        task = bar.add_task("Drawing the demo library", total=count)
        manifest = write_library(
            FOLDER / "photos",
            count,
            progress=lambda done, _: bar.update(task, completed=done),
        )
    console.print(f"{count} drawings in {FOLDER / 'photos'}")
    return manifest
