"""`-t query`: find photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from cli.connection import connect
from cli.present import hit_json, hit_table, short_place
from photoseek.client import Client
from photoseek.errors import PhotoseekError, QueryError
from photoseek.records import Hit
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one query, or prompt again and again when none is given."""
    console = Console()
    text = " ".join(options.words) if options.words else None
    image = _read(options.image) if options.image else None
    with connect(settings, Console(stderr=True), new_index=False) as client:
        if text is None and image is None and options.like is None:
            return _prompt(client, options, console)
        hits = client.search(
            text=text, image=image, like=options.like, top_k=options.top_k, where=options.filter
        )
    title = text or (f"like {short_place(options.image)}" if image else f"like {options.like}")
    _show(hits, title, options, console)
    return 0


def _prompt(client: Client, options: argparse.Namespace, console: Console) -> int:
    if sys.stdin.isatty():
        import readline  # noqa: F401 -- arrow keys and history for input()

        console.print("What should be on the photo? An empty line ends.", style="dim")
    while text := _line():
        try:
            hits = client.search(text=text, top_k=options.top_k, where=options.filter)
        except QueryError as error:
            console.print(str(error), style="bold red", markup=False)
            continue
        _show(hits, text, options, console)
    return 0


def _line() -> str:
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


def _show(hits: list[Hit], title: str, options: argparse.Namespace, console: Console) -> None:
    if options.json:
        for hit in hits:
            print(hit_json(hit), flush=True)
    elif hits:
        console.print(hit_table(hits, title))
    else:
        console.print("No photo fits these filters." if options.filter else "The index is empty.")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise PhotoseekError(f"The picture {path} cannot be read: {error.strerror}.") from error
