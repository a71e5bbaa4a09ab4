"""`-t evaluate`: how well a model finds captioned photos."""

from __future__ import annotations

import argparse
import json
from itertools import islice

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from photoseek.encoding import build_encoder
from photoseek.evaluation import RANKS, Evaluation, evaluate
from photoseek.settings import DEFAULT_MODEL, Settings
from photoseek.sources import open_source


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure recall on a captioned source."""
    console = Console(stderr=options.json)
    source = open_source(settings.source, settings)
    name = settings.model or DEFAULT_MODEL
    with console.status(f"Loading the model {name} ..."):
        encoder = build_encoder(settings, roots=settings.photo_roots)
    with Progress(console=console, transient=True) as bar:
        count = source.count()
        total = min(count, options.limit or count)
        task = bar.add_task("Evaluating", total=total)
        result = evaluate(
            islice(source, options.limit),
            encoder,
            batch_size=settings.batch_size,
            on_progress=lambda photos: bar.advance(task, photos),
        )
    encoder.close()
    if options.json:
        print(json.dumps(_summary(name, result)))
    else:
        console.print(_table(name, result))
    return 0


def _summary(name: str, result: Evaluation) -> dict[str, object]:
    return {
        "model": name,
        "photos": result.photos,
        "skipped": len(result.skipped),
        "text_to_image": {f"R@{k}": result.text_to_image[k] for k in RANKS},
        "image_to_text": {f"R@{k}": result.image_to_text[k] for k in RANKS},
    }


def _table(name: str, result: Evaluation) -> Table:
    title = f"{name} on {result.photos:,} captioned photos ({len(result.skipped)} skipped)"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for k in RANKS:
        table.add_column(f"R@{k}", justify="right")
    table.add_row("text to image", *(f"{result.text_to_image[k]:.3f}" for k in RANKS))
    table.add_row("image to text", *(f"{result.image_to_text[k]:.3f}" for k in RANKS))
    return table
