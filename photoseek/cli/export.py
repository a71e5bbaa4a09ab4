"""`photoseek export`: the index as a manifest, which `index` takes again."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.missing import none_here
from photoseek.cli.output import new_console, print_sentence
from photoseek.cli.progress import photo_bar
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.helpers.program import command
from photoseek.indexing.export_files import STANDARD_OUTPUT
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write the photos of an index to a file, or as CSV to standard output."""
    is_file = options.to != STANDARD_OUTPUT
    console = new_console(stderr=options.json or not is_file)
    with PhotoSearch(settings) as index:
        status = index.index_status()
        if status is None:
            raise none_here(settings)
        with photo_bar("Exporting", status.photos, new_console(stderr=True)) as show:
            report = index.export_to(
                options.to, where=options.filter, vectors=options.vectors, on_progress=show
            )
    if options.json:
        print(json_line(asdict(report)))
    elif is_file:
        photos = counted(report.photos, "photo is", "photos are")
        line = f"{photos} in {report.file}, written in {report.seconds:.1f} s."
        console.print(Text(line), soft_wrap=True)
        if report.photos:
            again = f"Index them elsewhere: {command('index')} --source {report.file}"
            console.print(Text(again, style="dim"), soft_wrap=True)
        else:
            console.print("No photo fits these filters." if options.filter else "It has no photos.")
    for remark in report.remarks:
        print_sentence(console, remark, "yellow")
    return 0
