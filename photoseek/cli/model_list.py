"""`models`: the models that have a short name, and what is known of each."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from rich.table import Table

from photoseek.catalogue import (
    PRESETS,
    Preset,
    download_size,
    languages_of,
    licence_of,
    resolved,
)
from photoseek.cli.output import new_console, print_row
from photoseek.indexing.default_model import default_model
from photoseek.plain_towers.model_files import weights_on_this_machine
from photoseek.settings import Settings


@dataclass(frozen=True, slots=True)
class _Row:
    """What is told of a preset; `bytes` is what its weights take to download."""

    name: str
    model: str
    languages: str
    licence: str
    bytes: int
    is_default: bool
    is_here: bool
    about: str


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show them."""
    rows = [_row(preset, settings.device) for preset in PRESETS.values()]
    if options.json:
        for row in rows:
            print(json.dumps(asdict(row)))
        return 0
    console = new_console()
    if not console.is_terminal:
        for row in rows:
            print_row(console, row.name, row.model, row.languages, row.licence, _size(row))
        return 0
    table = Table(box=None, pad_edge=False, show_header=False)
    for row in rows:
        table.add_row(f"[bold]{row.name}[/bold]", f"{row.about}{_marks(row)}")
        facts = ", ".join((row.model, row.languages, row.licence, _size(row)))
        table.add_row("", f"[dim]{facts}[/dim]")
    console.print(table)
    return 0


def _row(preset: Preset, device: str) -> _Row:
    model = resolved(preset.name, device)
    licence = licence_of(model)
    return _Row(
        name=preset.name,
        model=model,
        languages=languages_of(model),
        licence=str(licence) if licence else "not known",
        bytes=download_size(model) or 0,
        is_default=model == default_model(),
        is_here=weights_on_this_machine(model) is not None,
        about=preset.about,
    )


def _size(row: _Row) -> str:
    return "on this machine" if row.is_here else f"{row.bytes / 1e9:.2f} GB"


def _marks(row: _Row) -> str:
    return "; what a new index gets here" if row.is_default else ""
