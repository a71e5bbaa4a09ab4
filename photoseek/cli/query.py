"""`-t query`: find photos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from photoseek.cli.connection import connect
from photoseek.cli.output import new_console
from photoseek.cli.present import hit_json, print_hits
from photoseek.client import Client
from photoseek.errors import QueryError
from photoseek.records import Found
from photoseek.search.grammar import QueryPart, parse_query, write_query
from photoseek.settings import Settings

NOTHING_FITS = "Nothing in this library seems to match; these photos come nearest."


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one query, or prompt again and again when none is given."""
    console = new_console()
    asked = _asked(options)
    pictures = _with_pictures(asked)
    with connect(settings, new_console(stderr=True), new_index=False) as client:
        if not asked:
            return _prompt(client, options, console)
        _show(_search(client, pictures, options), write_query(asked), options, console)
    return 0


def _asked(options: argparse.Namespace) -> list[QueryPart]:
    """What the words and options of the command line ask for together."""
    parts = parse_query(" ".join(options.words))
    if options.words and not parts:
        raise QueryError("The query is empty. Say what should be on the photo: red car at night.")
    if options.image:
        parts.append(QueryPart("image", options.image))
    if options.like:
        parts.append(QueryPart("id", options.like))
    return parts


def _with_pictures(parts: Sequence[QueryPart]) -> list[QueryPart]:
    return [
        replace(part, value=_read(str(part.value))) if part.kind == "image" else part
        for part in parts
    ]


def _search(client: Client, parts: Sequence[QueryPart], options: argparse.Namespace) -> Found:
    return client.search(
        parts,
        top_k=options.top_k,
        where=options.filter,
        hybrid=options.hybrid,
        dedupe=options.dedupe,
    )


def _prompt(client: Client, options: argparse.Namespace, console: Console) -> int:
    if sys.stdin.isatty():
        import readline  # noqa: F401 -- arrow keys and history for input()

        console.print("What should be on the photo? An empty line ends.", style="dim")
    while text := _line():
        try:
            asked = parse_query(text)
            found = _search(client, _with_pictures(asked), options)
        except QueryError as error:
            console.print(str(error), style="bold red", markup=False)
            continue
        _show(found, write_query(asked), options, console)
    return 0


def _line() -> str:
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


def _show(found: Found, title: str, options: argparse.Namespace, console: Console) -> None:
    if options.json:
        for hit in found.hits:
            print(hit_json(hit), flush=True)
        return
    print_hits(found.hits, title, console)
    remarks = console if console.is_terminal else new_console(stderr=True)
    if not found.hits:
        remarks.print("No photo fits these filters." if options.filter else "The index is empty.")
    elif found.confidence == "low":
        remarks.print(NOTHING_FITS, style="yellow")


def _read(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise QueryError(f"The picture {path} cannot be read: {error.strerror}.") from error
