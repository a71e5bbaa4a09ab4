"""`-t evaluate`: how well a model finds captioned photos."""

from __future__ import annotations

import argparse
import json
from itertools import islice

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from photoseek.encoding import PhotoEncoder
from photoseek.evaluation import RANKS, Evaluation, evaluate
from photoseek.images import ImageLimits
from photoseek.settings import DEFAULT_MODEL, Settings
from photoseek.sources import open_source
from photoseek.storage import PhotoReader


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure recall on a captioned source."""
    console = Console(stderr=options.json)
    source = open_source(settings.source)
    from photoseek.model import load_model

    name = settings.model or DEFAULT_MODEL
    with console.status(f"Loading the model {name} ..."):
        model = load_model(name, precision=settings.precision, device=settings.device)
    reader = PhotoReader(
        max_megabytes=settings.max_megabytes,
        allow_private_addresses=settings.allow_private_addresses,
        roots=settings.photo_roots,
        timeout_seconds=settings.fetch_seconds,
    )
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    encoder = PhotoEncoder(model, reader, limits, threads=settings.decode_threads)
    with Progress(console=console, transient=True) as bar:
        total = min(source.count(), options.limit or source.count())
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
