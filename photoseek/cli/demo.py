"""`-t demo`: draw a small library, index it, search it, serve it."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from photoseek.cli.connection import client_of
from photoseek.cli.index import index_with_progress
from photoseek.cli.output import new_console
from photoseek.cli.present import print_hits, print_report
from photoseek.cli.serve import announce, wait
from photoseek.demo.example_queries import EXAMPLE_QUERIES
from photoseek.demo.library import write_library
from photoseek.flow.process import FlowProcess
from photoseek.guarding import check_guarded
from photoseek.settings import Settings
from photoseek.sources import open_source

FOLDER = Path("data/demo")
PHOTOS = 600
SHOWN_QUERIES = 3
SHOWN_HITS = 5


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show what photoseek does, with nothing but what comes with it; serves until Ctrl-C."""
    console = new_console()
    index = settings.index if "index" in settings.model_fields_set else str(FOLDER / "index")
    settings = settings.model_copy(update={"index": index, "model": "demo"})
    check_guarded(settings)  # and not first when all is drawn
    manifest = _draw(options.limit or PHOTOS, console)
    with ExitStack() as stack:
        with console.status("Starting ..."):
            flow = stack.enter_context(FlowProcess(settings, private=False))
        with client_of(settings, flow.url) as client:
            source = open_source(str(manifest))
            print_report(index_with_progress(source, client, settings, console), console)
            for query in EXAMPLE_QUERIES[:SHOWN_QUERIES]:
                found = client.search(query, top_k=SHOWN_HITS)
                console.print(f"\n{query}", style="bold", highlight=False)
                print_hits(found.hits, "", console)
        console.print(f"\nAsk it yourself:  python app.py -t query {EXAMPLE_QUERIES[3]!r}")
        announce(flow, console)
        wait(flow)
    return 0


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
