"""`-t status`: what the index holds."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from photoseek.library import Library
from photoseek.settings import Settings
from photoseek.store import no_index


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show it; no gateway and no model is needed."""
    library = Library(settings.index)
    status = library.status()
    if status is None:
        raise no_index(settings.index)
    if options.json:
        print(json.dumps(asdict(status) | {"bytes": library.size()}))
        return 0
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("index", status.location)
    table.add_row("model", f"{status.model.name} ({status.model.dimensions} dimensions)")
    table.add_row("photos", f"{status.photos:,}")
    table.add_row("search", "approximate (ANN index)" if status.ann else "exact")
    table.add_row("size", f"{library.size() / 1e6:,.1f} MB")
    Console(highlight=False).print(table)
    return 0
