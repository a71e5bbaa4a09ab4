"""`-t evaluate`: how well a model finds captioned photos."""

from __future__ import annotations

import argparse
import json
from itertools import islice

from rich.console import Console
from rich.table import Table

from photoseek.cli.output import new_console, print_row
from photoseek.cli.present import print_skips
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import fetch_model
from photoseek.indexing.building import build_encoder
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.evaluation import RANKS, Evaluation, evaluate
from photoseek.settings import DEFAULT_MODEL, Settings
from photoseek.sources import Source, open_source
from photoseek.store import peek_model


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure recall on a captioned source."""
    console = new_console(stderr=options.json)
    source = open_source(settings.source, settings)
    name = settings.model or _model_of(settings.index) or DEFAULT_MODEL
    settings = settings.model_copy(update={"model": name})
    fetch_model(name, console)
    with console.status(f"Loading the model {name} ..."):
        encoder = build_encoder(settings, roots=settings.photo_roots)
    try:
        result = _evaluated(source, encoder, options, settings, console)
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is kept of a measurement; it begins again the next time.")
        raise
    encoder.close()
    if options.json:
        print(json.dumps(_summary(name, result)))
    elif console.is_terminal:
        console.print(_table(name, result))
        print_skips(result.skipped, console)
    else:
        for row in _rows(name, result):
            print_row(console, *row)
        print_skips(result.skipped, console)
    return 0


def _evaluated(
    source: Source,
    encoder: PhotoEncoder,
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
) -> Evaluation:
    count = source.count()
    with photo_bar("Evaluating", min(count, options.limit or count), console) as show:
        return evaluate(
            islice(source, options.limit),
            encoder,
            batch_size=settings.batch_size,
            on_progress=lambda done, skipped: show(
                done, remark=f"{skipped:,} left out" if skipped else ""
            ),
        )


def _model_of(index: str) -> str | None:
    """The model that an index was made with; None where there is no index."""
    made_with = peek_model(index)
    return made_with.name if made_with else None


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


def _rows(name: str, result: Evaluation) -> list[tuple[str, str]]:
    """What the table tells, one value in a row."""
    rows = [("model", name), ("photos", str(result.photos)), ("skipped", str(len(result.skipped)))]
    for direction in ("text_to_image", "image_to_text"):
        recalls: dict[int, float] = getattr(result, direction)
        rows += [(f"{direction} R@{k}", f"{recalls[k]:.3f}") for k in RANKS]
    return rows
