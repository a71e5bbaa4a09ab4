"""`photoseek evaluate`: how well a model finds photos, and which of two is better."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from rich.console import Console

from photoseek.cli.evaluation_report import Report, print_report, print_report_json
from photoseek.cli.output import new_console
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import fetch_model, is_here
from photoseek.errors import ModelError, SourceError
from photoseek.evaluation.captions_there import captioned
from photoseek.evaluation.cut_texts import CutTexts, cut_texts
from photoseek.evaluation.gathering import Gathered, common
from photoseek.evaluation.judgements import read_judgements
from photoseek.evaluation.learning_limits import Learnt, learn_limits
from photoseek.evaluation.measured_runs import (
    Run,
    has_index,
    run_of_index,
    run_of_photos,
    run_of_source,
)
from photoseek.evaluation.saved import read_saved, save
from photoseek.evaluation.trial import LEAST, Evaluation, Trial, too_few_captions
from photoseek.evaluation.verdict import compared
from photoseek.helpers.counted import counted
from photoseek.indexing.default_model import default_model
from photoseek.records import reason_of
from photoseek.search.known_limits import note_limits
from photoseek.search.model_hints import foreign_hint
from photoseek.settings import Settings
from photoseek.sources import open_source
from photoseek.store import canonical, no_index, peek_model

SAVED = ".json"


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure one run, and compare it with another one where that is asked for."""
    console = new_console(stderr=options.json)
    queries = Path(options.queries) if options.queries else None
    asked = _Asked(options, settings, queries, console)
    try:
        report = _measured(asked)
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is kept of a measurement; it begins again the next time.")
        raise
    if options.save:
        save(report.ours, Path(options.save))
    if options.json:
        print_report_json(report)
    else:
        print_report(report, console)
    return 0


@dataclass(frozen=True, slots=True)
class _Asked:
    options: argparse.Namespace
    settings: Settings
    queries: Path | None
    console: Console

    @property
    def is_of_index(self) -> bool:
        """Whether the photos are those of the index, as no source is named."""
        there = peek_model(self.settings.index, self.settings)
        return self.options.source is None and there is not None

    def trial(self, gathered: Gathered) -> Trial:
        """What is asked of these photos."""
        if self.queries is None:
            try:
                return Trial(gathered.photos)
            except SourceError as error:
                raise SourceError(f"{error}{reason_of(gathered.skipped)}") from error
        judged = read_judgements(self.queries)
        return Trial(gathered.photos, judged, beside=self.queries.resolve().parent)

    def gather(self, run: Run) -> Gathered:
        """The photos of a run with their vectors."""
        with photo_bar("Evaluating", run.total, self.console) as show:
            return run.gather(
                self.queries is None,
                lambda done, skipped: show(done, remark=f"{skipped:,} left out" if skipped else ""),
            )


def _measured(asked: _Asked) -> Report:
    if asked.queries is not None:
        read_judgements(asked.queries)  # what is wrong with them is told before anything is encoded
    against = asked.options.against
    earlier = read_saved(Path(against)) if against and _is_saved(against) else None
    ours = _our_run(asked)
    theirs = _their_run(asked, against) if against and earlier is None else None
    with closing(ours.encoder):
        photos = asked.gather(ours)
        if theirs is None:
            trial = asked.trial(photos)
            found = _run(asked, trial, ours, photos)
            verdicts = compared(found, earlier) if earlier else ()
            remarks = [*_limited(ours), *trial.remarks, *_unread(trial, ours)]
            cut = _cut(trial, ours)
            report = Report(ours.name, found, photos, cut, remarks, against, earlier, verdicts)
            if asked.options.calibrate:
                return replace(report, calibrated=True, learnt=_calibrated(asked, ours, photos))
            return report
        with closing(theirs.encoder):
            both = _common(photos, asked.gather(theirs), asked.queries is None)
            trial = asked.trial(both[0])
            found, other = _run(asked, trial, ours, both[0]), _run(asked, trial, theirs, both[1])
            remarks = [*_limited(ours, theirs), *trial.remarks, *_left_out(photos, both[0])]
            remarks += [*_unread(trial, ours), *_unread(trial, theirs)]
            return Report(
                ours.name,
                found,
                photos,
                _cut(trial, ours),
                remarks,
                theirs.name,
                other,
                compared(found, other),
                their_cut=_cut(trial, theirs),
            )


def _common(ours: Gathered, theirs: Gathered, captioned: bool) -> tuple[Gathered, Gathered]:
    """The photos that both runs have.

    Raises:
        SourceError: there are too few to compare anything.
    """
    both = common(ours, theirs)
    if len(both[0].photos) < 2:
        what = "photos with captions" if captioned else "photos"
        raise SourceError(
            f"Only {len(both[0].photos)} {what} are in both, by their bytes: this run has "
            f"{len(ours.photos):,}, and the other one {len(theirs.photos):,}. Compare runs over "
            f"the same photos.{reason_of([*ours.skipped, *theirs.skipped])}"
        )
    return both


def _calibrated(asked: _Asked, run: Run, photos: Gathered) -> Learnt | None:
    """What the index has learnt of its captions, which is noted."""
    captions = [photo.caption for photo in photos.photos]
    with asked.console.status("Asking captions with and without their photos ..."):
        learnt = learn_limits(captions, photos.vectors, run.encoder.model.encode_texts)
    if learnt is not None:
        model = replace(run.model, tokenizer=run.encoder.text_identity.tokenizer)
        note_limits(asked.settings.index, model, learnt.limits, asked.settings.state)
    return learnt


def _our_run(asked: _Asked) -> Run:
    settings, limit = asked.settings, asked.options.limit
    of_index = asked.is_of_index
    made_with = peek_model(settings.index, settings)
    name = settings.model or (made_with.name if made_with else default_model())
    if of_index and made_with and name == made_with.name:
        return run_of_index(settings, limit)
    if asked.options.calibrate:
        there = f"was made with {made_with.name}" if made_with else "is not there yet"
        raise SourceError(
            f"--calibrate goes by the vectors of an index and its own model, and the index at "
            f"{settings.index} {there}. Leave --model out, and name the --index."
        )
    if not of_index:
        _check_source(asked, name)
    return _model_run(asked, name, of_index=of_index)


def _check_source(asked: _Asked, model: str) -> None:
    """Tell before a model is fetched that there is nothing to evaluate it on."""
    try:
        source = open_source(asked.settings.source, asked.settings)
    except SourceError:
        if asked.options.source is None:
            raise no_index(canonical(asked.settings.index)) from None
        raise
    if asked.queries is None and not is_here(model, asked.settings):
        some = islice(source, asked.options.limit)
        with asked.console.status("Looking for captions ..."):
            found, skipped = captioned(some, asked.settings, LEAST, lambda photo: photo.caption)
        if found < LEAST:
            raise too_few_captions(found, skipped)


def _their_run(asked: _Asked, other: str) -> Run:
    """The run that is compared with: another index, or the same photos by another model."""
    there = asked.settings.model_copy(update={"index": other})
    if has_index(there):
        return run_of_index(there, asked.options.limit if asked.is_of_index else None)
    try:
        return _model_run(asked, other, of_index=asked.is_of_index)
    except ModelError as error:
        raise SourceError(
            f"--against {other} is no index, no file of --save, and no model: {error}"
        ) from error


def _model_run(asked: _Asked, name: str, *, of_index: bool) -> Run:
    fetch_model(asked.settings.model_copy(update={"model": name}), asked.console)
    with asked.console.status(f"Loading the model {name} ..."):
        make = run_of_photos if of_index else run_of_source
        return make(asked.settings, name, asked.options.limit)


def _run(asked: _Asked, trial: Trial, run: Run, photos: Gathered) -> Evaluation:
    with asked.console.status(f"Encoding {counted(len(trial.texts), 'text', 'texts')} ..."):
        return trial.run(photos.vectors, run.encoder.model.encode_texts, run.model)


def _cut(trial: Trial, run: Run) -> CutTexts:
    """How many texts the model of a run does not read to their end."""
    return cut_texts(trial.texts, run.encoder.model.tokenizer)


def _limited(*runs: Run) -> list[str]:
    """Of how many photos the first ones alone were looked at, as remarks."""
    return list(dict.fromkeys(run.remark for run in runs if run.remark))


def _unread(trial: Trial, run: Run) -> list[str]:
    """Which texts the model of a run cannot read, as a remark."""
    hint = foreign_hint(trial.texts, "of the texts", run.model.name)
    return [hint] if hint else []


def _is_saved(other: str) -> bool:
    return other.lower().endswith(SAVED) and Path(other).is_file()


def _left_out(photos: Gathered, both: Gathered) -> list[str]:
    """How many photos only one of the two runs has, or has twice."""
    if not (less := len(photos.photos) - len(both.photos)):
        return []
    what = counted(less, "photo is a copy or is", "photos are copies or are")
    return [f"{what} not in both; only what both have is compared."]
