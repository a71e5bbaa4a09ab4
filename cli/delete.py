"""`-t delete`: forget photos."""

from __future__ import annotations

import argparse

from rich.console import Console

from cli.connection import named_gateway
from photoseek.library import Library
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Delete by id. Returns 1 when none of them was there."""
    if settings.gateway:
        with named_gateway(settings) as client:
            place, count = client.url, client.delete(options.words)
            client.maintain()
    else:
        library = Library(settings.index)
        place, count = settings.index, library.delete(options.words)
        library.maintain()
    Console().print(f"{count} of {len(options.words)} photos deleted from {place}.")
    return 0 if count else 1
