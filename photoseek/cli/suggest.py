"""`photoseek keywords`: keywords that the model sees in the photos of an index."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console
from photoseek.cli.present import print_skips
from photoseek.cli.progress import photo_bar
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.local_photos import encoder_of_index
from photoseek.search.model_hints import foreign_hint
from photoseek.settings import Settings
from photoseek.store import PhotoStore, no_index, open_store
from photoseek.tagging.label_lines import LabelList, read_labels
from photoseek.tagging.tagging_run import TaggingReport, clear_keywords, suggest_keywords
from photoseek.tagging.targets import (
    SIDECARS,
    STANDARD_OUTPUT,
    IndexTarget,
    SidecarTarget,
    Target,
    table_target,
)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write keywords, or take those of an earlier run out of the index.

    Returns 1 when no side-car could be written.
    """
    prints_table = options.to == STANDARD_OUTPUT and not (options.write or options.clear)
    console = new_console(stderr=options.json or prints_table)
    given = read_labels(Path(options.labels) if options.labels else None)
    with PhotoSearch(settings) as index:
        status = index.index_status()
        if status is None:
            raise no_index(index.location)
        where = index.checked(options.filter)
        store = open_store(settings.index, settings=settings)
        if hint := foreign_hint(_names(given), "of the labels", store.model.name):
            new_console(stderr=True).print(Text(hint, style="yellow"), soft_wrap=True)
        if remark := _several(given):
            new_console(stderr=True).print(Text(remark, style="yellow"), soft_wrap=True)
        try:
            with photo_bar("Looking", status.photos, new_console(stderr=True)) as show:
                if options.clear:
                    report = clear_keywords(store, where, show)
                else:
                    with (
                        closing(_encoder(settings)) as encoder,
                        _target(options, store) as target,
                    ):
                        report = suggest_keywords(
                            store,
                            given,
                            encoder.model.encode_texts,
                            target,
                            tokenizer=encoder.text_identity.tokenizer,
                            where=where,
                            most=options.most,
                            precision=options.right,
                            on_progress=show,
                        )
        except KeyboardInterrupt:
            console.print("Stopped. What is written stays; the same command does all of it again.")
            raise
    if options.json:
        print(json_line(asdict(report)))
    else:
        _print(report, options, console)
    left_out = len(report.skipped) + report.more_skipped
    is_in_vain = bool(left_out) and left_out == report.with_keywords
    return 1 if is_in_vain and options.to == SIDECARS else 0


def _encoder(settings: Settings) -> PhotoEncoder:
    """The encoder of the index, whose model must be that of its vectors: what it makes of labels is
    compared with them, and kept.

    Raises:
        ModelMismatchError: it is another one, as a folder may hold any.
    """
    encoder = encoder_of_index(settings)
    try:
        open_store(settings.index, encoder.model.identity, settings=settings)
    except BaseException:
        encoder.close()
        raise
    return encoder


def _names(given: LabelList) -> list[str]:
    return [name for label in given.labels for name in label.names]


def _several(given: LabelList) -> str:
    """That labels look like several in one line, as a sentence; "" where none does."""
    found = [label.name for label in given.labels if set(label.name) & set(",;")]
    if not found:
        return ""
    are = "One label has" if len(found) == 1 else f"{len(found):,} labels have"
    return (
        f"{are} a comma or a semicolon, such as {found[0]!r}, and each is taken for one keyword. "
        "Where several are meant, write one in each line."
    )


@contextmanager
def _target(options: argparse.Namespace, store: PhotoStore) -> Iterator[Target]:
    if options.write:
        yield IndexTarget(store)
    elif options.to == SIDECARS:
        yield SidecarTarget()
    else:
        with table_target(options.to) as target:
            yield target


def _print(report: TaggingReport, options: argparse.Namespace, console: Console) -> None:
    seconds = f"in {report.seconds:.1f} s"
    if options.clear:
        line = f"Suggestions of {counted(report.changed, 'photo', 'photos')} are gone, {seconds}."
        console.print(Text(line), soft_wrap=True)
        return
    have = "has" if report.with_keywords == 1 else "have"
    photos = counted(report.photos, "photo", "photos")
    line = f"{report.with_keywords:,} of {photos} {have} keywords, {seconds}."
    console.print(Text(line), soft_wrap=True)
    if options.write:
        line = f"{report.changed:,} changed in the index."
        if report.often:
            found = f"suggested = {report.often[0][0]}"
            line += f" Find them: {command('search')} --filter {quoted(found)}"
    elif options.to == SIDECARS:
        line = f"{counted(report.changed, 'side-car was', 'side-cars were')} written."
    else:
        line = f"They are in {options.to}." if options.to != STANDARD_OUTPUT else ""
    for text in (line, _often(report), _thresholds(report)):
        if text:
            console.print(Text(text, style="dim"), soft_wrap=True)
    print_skips(report.skipped, console)
    if report.more_skipped:
        console.print(
            f"  {counted(report.more_skipped, 'more was', 'more were')} left out.", highlight=False
        )


def _often(report: TaggingReport) -> str:
    told = ", ".join(f"{name} ({count:,})" for name, count in report.often)
    return f"Most often: {told}." if told else ""


def _thresholds(report: TaggingReport) -> str:
    text = (
        f"Of {counted(report.labels, 'label', 'labels')}, "
        f"{counted(report.calibrated, 'has', 'have')} a threshold by your captions and "
        f"tags, and {report.by_spread:,} by the spread of the library."
    )
    if report.unusable:
        some, more = ", ".join(report.unusable[:10]), len(report.unusable) - 10
        some += f" and {more:,} more" if more > 0 else ""
        text += f" {len(report.unusable):,} cannot be told by this model: {some}."
    return text
