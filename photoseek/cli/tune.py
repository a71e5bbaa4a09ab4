"""`photoseek tune`: a model of one's own, measured before and after."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console, print_row
from photoseek.cli.present import print_skips
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import fetch_model, is_here, suspects_of_tuning
from photoseek.demo.library import write_library
from photoseek.evaluation.captions_there import captioned
from photoseek.helpers.counted import counted
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.building import reader_of
from photoseek.indexing.default_model import default_model
from photoseek.indexing.suspects import Suspects
from photoseek.photos import ImageLimits, InputShape
from photoseek.plain_towers.model_files import DEMO
from photoseek.records import Photo, Skip
from photoseek.search.model_hints import foreign_hint
from photoseek.settings import Settings
from photoseek.sources import Source, open_source
from photoseek.store import peek_model
from photoseek.tuning.card import card_of, no_check, sentence_of
from photoseek.tuning.clicked import Clicked, read_clicks
from photoseek.tuning.examples import LEAST, Gathered, captions_of, gather, split, too_few_captions
from photoseek.tuning.measuring import Comparison
from photoseek.tuning.outcome import Check, Tuned, alone_in, general_part
from photoseek.tuning.photo_pixels import PhotoPixels
from photoseek.tuning.plan import BATCH_OF_CPU, BATCH_OF_GPU, Plan

DRAWINGS = 300
DRAWINGS_SEED = 900_000
"""Drawings that neither the demo's model nor its library has."""


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Tune a model; 0 where it became better, and 1 where it did not and none was written."""
    folder = Path(options.to).expanduser().absolute()
    with alone_in(folder):
        return _run(options, settings, folder)


def _run(options: argparse.Namespace, settings: Settings, folder: Path) -> int:
    console = new_console(stderr=options.json)
    # Both before a model is fetched, which may be much.
    photos = read_clicks(settings) if options.origin else open_source(settings.source, settings)
    other = open_source(options.check, settings) if options.check else None
    name = settings.model or _begins_with(options, settings)
    if not is_here(name, settings):
        _check_captions(photos, options.limit, settings, console)
    fetch_model(settings.model_copy(update={"model": name}), console)
    with console.status(f"Loading the model {name} ..."):
        from photoseek.model.loading import open_network  # and with it torch, which takes a second
        from photoseek.tuning.tuner import tune
        from photoseek.tuning.unfinished import check_unfinished

        opened = open_network(name, device=settings.device)
    batch = BATCH_OF_CPU if opened.device.type == "cpu" else BATCH_OF_GPU
    plan = Plan(options.seed, options.epochs, options.batch or batch, options.rate)
    check_unfinished(folder, opened.identity.fingerprint, plan)
    again = _command(options, settings, name, plan, to=f"{_named(options)}-again")
    with _pixels(settings, opened.shape) as pixels:
        with suspects_of_tuning(options.attempt, console) as suspects:
            reading = _Reading(pixels, suspects, console)
            if isinstance(photos, Clicked):
                place, gathered = f"clicks beside {settings.index}", reading.clicks(photos)
            else:
                place, gathered = photos.location, reading.source(photos, "Reading", options.limit)
            check = reading.check(name, other)
        parts = split(gathered.examples, gathered.wrong, gathered.skipped)
        captions = (text for one in gathered.examples for text in one.captions)
        if hint := foreign_hint(captions, "of the captions", name):
            console.print(Text(hint, style="yellow"), soft_wrap=True)
        seen_in_all = plan.epochs * plan.steps(len(parts.train)) * plan.batch
        with photo_bar("Tuning", seen_in_all, console) as show:
            tuned = tune(
                opened,
                gathered,
                parts,
                pixels,
                plan,
                folder,
                check=check,
                on_training=lambda seen, epoch, best: show(
                    seen, remark=f"epoch {epoch}" + (f", best {best:.3f}" if best >= 0 else "")
                ),
                on_measuring=lambda: show(seen_in_all, remark="measuring it, before and after"),
                card=lambda made: card_of(made, place, again),
                command=_command(options, settings, name, plan, to=str(_named(options))),
            )
    if options.json:
        print(json_line(_summary(tuned)))
    else:
        _show(tuned, console)
    return 0 if tuned.written else 1


def _begins_with(options: argparse.Namespace, settings: Settings) -> str:
    """The model that found what people clicked on, else the one of a new index."""
    made_with = peek_model(settings.index, settings) if options.origin else None
    return made_with.name if made_with else default_model()


def _check_captions(
    photos: Source | Clicked, limit: int | None, settings: Settings, console: Console
) -> None:
    """Tell before a model is fetched that there is too little to tune it on."""
    if isinstance(photos, Clicked):
        return
    with console.status("Looking for captions ..."):
        found, skipped = captioned(islice(photos, limit), settings, LEAST, captions_of)
    if found < LEAST:
        raise too_few_captions(found, skipped)


@contextmanager
def _pixels(settings: Settings, shape: InputShape) -> Iterator[PhotoPixels]:
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    pixels = PhotoPixels(reader_of(settings, roots=settings.local_roots), shape, limits)
    try:
        yield pixels
    finally:
        pixels.close()


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reads the photos of a tuning, and shows how far it is."""

    pixels: PhotoPixels
    suspects: Suspects
    console: Console

    def source(self, source: Source, title: str, limit: int | None = None) -> Gathered:
        """The photos of a source."""
        count = source.count()
        with photo_bar(title, min(count, limit or count), self.console) as show:
            return self._gather(islice(source, limit), show)

    def clicks(self, clicked: Clicked) -> Gathered:
        """What people said of hits, as examples."""
        with photo_bar("Reading", len(clicked.good), self.console) as show:
            gathered = self._gather(clicked.good, show)
        gathered.wrong = self._gather(clicked.wrong).examples
        if clicked.gone:
            gone = counted(clicked.gone, "click is", "clicks are")
            self.console.print(f"{gone} on photos that have left the index.")
        return gathered

    def check(self, model: str, other: Source | None) -> Check | None:
        """What the model may forget: photos of `--check`, and for the demo's model drawings."""
        if other is not None:
            found = self.source(other, "Reading the check")
            return Check(other.location, general_part(found))
        if model != DEMO:
            return None
        with tempfile.TemporaryDirectory() as folder:
            manifest = write_library(Path(folder), DRAWINGS, seed=DRAWINGS_SEED, longest=384)
            found = self.source(open_source(str(manifest)), "Reading drawings")
            self.pixels.hold([one.uri for one in found.examples])
        return Check(f"{DRAWINGS} drawings", general_part(found))

    def _gather(
        self, photos: Iterable[Photo | Skip], show: Callable[[int], None] = lambda _: None
    ) -> Gathered:
        return gather(photos, self.pixels, suspects=self.suspects, on_progress=show)


def _named(options: argparse.Namespace) -> Path:
    """The folder of the model, by a path with a name at its end."""
    named = Path(options.to)
    return named if named.name not in ("", "..") else named.absolute()


def _command(
    options: argparse.Namespace, settings: Settings, model: str, plan: Plan, *, to: str
) -> str:
    """What makes the same model, in the folder `to`."""
    given = {
        "source": None if options.origin else settings.source,
        "from": options.origin,
        "index": settings.index if options.origin else None,
        "model": model,
        "to": to,
        "check": options.check,
        "limit": options.limit,
        "device": None if settings.device == "auto" else settings.device,
        **asdict(plan),
    }
    words = [f"--{name} {quoted(str(value))}" for name, value in given.items() if value is not None]
    return " ".join([command("tune"), *words])


def _show(tuned: Tuned, console: Console) -> None:
    course = tuned.course
    parts = tuned.parts
    console.print(
        f"{counted(len(parts.train), 'photo', 'photos')} trained {tuned.base}, "
        f"{len(parts.choice):,} chose and {len(parts.test):,} tested it: "
        f"{counted(course.epochs, 'epoch', 'epochs')}, the best was number "
        f"{course.best_epoch}; {tuned.share:.0%} of the change is taken; {tuned.seconds:.0f} s.",
        highlight=False,
    )
    _show_figures("own photos", tuned.own, console)
    if tuned.in_order is not None:
        console.print(tuned.in_order.sentence(), highlight=False)
    if tuned.general is None:
        console.print(Text(no_check(), style="yellow"), soft_wrap=True)
    else:
        _show_figures(tuned.check, tuned.general, console)
    print_skips(tuple(tuned.gathered.skipped), console)
    if course.by_hand:
        console.print("It was stopped by hand; the same command goes on from there.")
    if tuned.written:
        place = quoted(f"local-dir:{tuned.folder}")
        console.print(f"The model is in {tuned.folder}, with its figures in README.md.")
        console.print(Text(f"Use it: {command('index')} --model {place} --index NEW", "dim"))
    else:
        console.print(
            Text(
                "No model was written: on the photos that test it, the tuned one is not surely "
                "better than the one that it was made of. More photos with captions may help.",
                style="bold red",
            ),
            soft_wrap=True,
        )


def _show_figures(what: str, comparison: Comparison, console: Console) -> None:
    title = f"{counted(comparison.before.photos, 'photo', 'photos')}: {what}"
    if console.is_terminal:
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        table.add_column("")
        table.add_column("before", justify="right")
        table.add_column("after", justify="right")
        table.add_column("after, in 95 of 100 draws", justify="right", style="dim")
        for row in comparison.rows:
            interval = f"{row.after_interval.low:.3f} to {row.after_interval.high:.3f}"
            table.add_row(row.name, f"{row.before:.3f}", f"{row.after:.3f}", interval)
        console.print(table)
    else:
        print_row(console, title, "before", "after")
        for row in comparison.rows:
            print_row(console, row.name, f"{row.before:.3f}", f"{row.after:.3f}")
    console.print(Text(sentence_of(comparison)), soft_wrap=True)


def _summary(tuned: Tuned) -> dict[str, object]:
    return {
        "model": tuned.base,
        "folder": str(tuned.folder) if tuned.written else None,
        "outcome": tuned.own.outcome,
        "trained": len(tuned.parts.train),
        "chose": len(tuned.parts.choice),
        "tested": len(tuned.parts.test),
        "skipped": len(tuned.gathered.skipped),
        "epochs": tuned.course.epochs,
        "share": tuned.share,
        "own": _figures(tuned.own),
        "in_order": None if tuned.in_order is None else asdict(tuned.in_order),
        "general": None if tuned.general is None else _figures(tuned.general),
        "seconds": round(tuned.seconds, 1),
    }


def _figures(comparison: Comparison) -> dict[str, object]:
    return {
        "outcome": comparison.outcome,
        "photos": comparison.before.photos,
        **{
            row.name: {
                "before": row.before,
                "after": row.after,
                "low": row.after_interval.low,
                "high": row.after_interval.high,
            }
            for row in comparison.rows
        },
    }
