"""`-t query`: find photos."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from photoseek.cli.connection import connect, loading
from photoseek.cli.output import new_console
from photoseek.cli.present import hit_json, print_hits
from photoseek.engine import PhotoSearch
from photoseek.errors import QueryError
from photoseek.helpers.program import command
from photoseek.records import Found
from photoseek.search.grammar import EMPTY, QueryPart, parse_query, with_pictures, write_query
from photoseek.search.hints import filter_hint, query_hint
from photoseek.search.model_hints import may_be_misread, model_hint
from photoseek.search.query_encoder import PICTURE
from photoseek.settings import Settings
from photoseek.store import filters_of
from photoseek.store.sorting import sort_of

if TYPE_CHECKING:
    from photoseek.client import Client

NOTHING_FITS = "Nothing in this library seems to match; these photos come nearest."

SLOW = 2.0
"""Seconds that a query without a server may take without a word on how it is quicker."""


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one query; without one, show what filters keep, or all in an order, else prompt."""
    start = time.perf_counter()
    sort_of(options.sort)  # a slip in it is told before anything is opened
    console = new_console()
    asked = _asked(options)
    parts = with_pictures(asked)
    with connect(settings, new_index=False) as index:
        if not (asked or options.sort or options.filter):
            return _prompt(index, options, console)
        try:
            found = _search(index, parts, options)
        except QueryError as error:
            raise QueryError(_named(error, asked)) from error
        _show(found, write_query(asked), options, console)
        _hint(index, asked, found, options)
        if isinstance(index, PhotoSearch) and time.perf_counter() - start > SLOW:
            _tell_how_it_is_quicker()
    return 0


def _asked(options: argparse.Namespace) -> list[QueryPart]:
    """What the words and options of the command line ask for together."""
    parts = parse_query(" ".join(options.words))
    if options.words and not parts:
        raise QueryError(EMPTY)
    if options.image:
        parts.append(QueryPart("image", options.image))
    if options.like:
        parts.append(QueryPart("id", options.like))
    return parts


def _search(
    index: PhotoSearch | Client, parts: Sequence[QueryPart], options: argparse.Namespace
) -> Found:
    def search() -> Found:
        return index.search(
            parts,
            top_k=options.top_k,
            where=options.filter,
            hybrid=options.hybrid,
            dedupe=options.dedupe,
            sort=options.sort,
        )

    if not isinstance(index, PhotoSearch):
        return search()
    doing = loading(index.settings) if parts else f"Reading {index.location} ..."  # needs no model
    with new_console(stderr=True).status(Text(doing)):
        return search()


def _named(error: QueryError, asked: Sequence[QueryPart]) -> str:
    """What is wrong, with the file that it is about."""
    pictures = [part.value for part in asked if part.kind == "image"]
    named = f"The picture {pictures[0]!s}" if len(pictures) == 1 else PICTURE
    return str(error).replace(PICTURE, named, 1)


def _prompt(index: PhotoSearch | Client, options: argparse.Namespace, console: Console) -> int:
    if sys.stdin.isatty():
        with suppress(ImportError):  # Windows has them without it
            import readline  # noqa: F401 -- arrow keys and history for input()

        console.print("What should be on the photo? An empty line ends.", style="dim")
    while text := _line():
        asked: list[QueryPart] = []
        try:
            asked = parse_query(text)
            found = _search(index, with_pictures(asked), options)
        except QueryError as error:
            console.print(_named(error, asked), style="bold red", markup=False)
            continue
        _show(found, write_query(asked), options, console)
        _hint(index, asked, found, options)
    return 0


def _hint(
    index: PhotoSearch | Client,
    asked: Sequence[QueryPart],
    found: Found,
    options: argparse.Namespace,
) -> None:
    """Say what may have been meant, beside what is printed for programs too."""
    hint = query_hint(asked)
    if not hint and may_be_misread(asked):
        hint = model_hint(asked, _model_of(index), at_terminal=True)
    if options.filter and not found.total:
        hint = filter_hint(filters_of(options.filter), index.facets())
    if hint:
        new_console(stderr=True).print(hint, style="yellow", markup=False, highlight=False)


def _model_of(index: PhotoSearch | Client) -> str:
    if not isinstance(index, PhotoSearch):
        return index.status().model
    status = index.index_status()
    return status.model.name if status else ""


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
    print_hits(found.hits, title, console, sort_of(options.sort), has_scores=bool(title))
    remarks = console if console.is_terminal else new_console(stderr=True)
    if not found.hits:
        remarks.print("No photo fits these filters." if options.filter else "The index is empty.")
    elif found.confidence == "low":
        remarks.print(NOTHING_FITS, style="yellow")


def _tell_how_it_is_quicker() -> None:
    remarks = new_console(stderr=True)
    if remarks.is_terminal:
        text = f"`{command('serve')}` keeps the model loaded: then a query is answered at once."
        remarks.print(text, style="dim", highlight=False, markup=False)
