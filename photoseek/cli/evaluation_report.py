"""What `photoseek evaluate` tells of a measurement: a table, rows, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import print_row, print_sentence
from photoseek.cli.present import print_skips
from photoseek.evaluation.chance import RESAMPLES, SEED
from photoseek.evaluation.cut_texts import CutTexts
from photoseek.evaluation.figures import Figure, figures_of
from photoseek.evaluation.gathering import Gathered
from photoseek.evaluation.learning_limits import ASKED, FEWEST_ASKED, FEWEST_TEXTS, Learnt
from photoseek.evaluation.rankings import RANKS, Direction
from photoseek.evaluation.trial import Evaluation
from photoseek.evaluation.verdict import Verdict
from photoseek.helpers.counted import counted
from photoseek.search.limits import USUAL

FEW_QUERIES = 20

DEEPEST = max(RANKS)
SHOWN = (*(f"R@{k}" for k in RANKS), "median rank", f"nDCG@{DEEPEST}")
"""The figures of the table; JSON has all."""

_NO_LIMIT = 10_000
"""Columns that no terminal has."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run, and the one that it is compared with; `gathered` says what was left out, and `cut`
    which texts were not read to their end: of the other run where these were read just now.

    `learnt` are the limits of confidence where it is `calibrated`, None where captions are too few.
    """

    name: str
    ours: Evaluation
    gathered: Gathered
    cut: CutTexts
    remarks: Sequence[str] = ()
    other_name: str = ""
    theirs: Evaluation | None = None
    verdicts: Sequence[Verdict] = ()
    calibrated: bool = False
    learnt: Learnt | None = None
    their_cut: CutTexts | None = None

    @property
    def skipped(self) -> int:
        """How many photos were left out."""
        return len(self.gathered.skipped) + self.gathered.uncaptioned

    @property
    def names(self) -> tuple[str, str]:
        """What both runs are called: their models, or where these are equal where they are."""
        if self.theirs is not None and self.ours.model != self.theirs.model:
            return self.ours.model, self.theirs.model
        return self.name, self.other_name

    def sentences(self) -> list[str]:
        """Which run is better, one sentence for each direction."""
        ours, theirs = self.names
        ours = "this run" if ours == theirs else ours
        return [verdict.sentence(ours, theirs) for verdict in self.verdicts]

    def all_remarks(self) -> list[str]:
        """What a person should know besides."""
        remarks = list(self.remarks)
        cuts = [self.cut.remark(self.ours.model)]
        if self.theirs is not None and self.their_cut is not None:
            cuts.append(self.their_cut.remark(self.theirs.model))
        remarks += [remark for remark in dict.fromkeys(cuts) if remark]
        if self.gathered.uncaptioned:
            bare = counted(
                self.gathered.uncaptioned,
                "photo of the index has",
                "photos of the index have",
            )
            remarks.append(f"{bare} no caption.")
        if (queries := len(self.ours.text_to_image.keys)) < FEW_QUERIES:
            remarks.append(
                f"Asked by {counted(queries, 'text', 'texts')} only: figures of so few say "
                "little, whatever their intervals. Ask 100 or more."
            )
        if copies := self.ours.photos - self.ours.pictures:
            what = counted(
                copies,
                "photo is a copy of another, and counts",
                "photos are copies of others, and count",
            )
            remarks.append(f"{what} as one with {'it' if copies == 1 else 'them'}.")
        captions = sum(bool(photo.caption) for photo in self.gathered.photos)
        if self.learnt is not None and captions > ASKED:
            remarks.append(
                f"To learn what a good match is, {ASKED:,} of the {captions:,} captions were "
                "asked, from all over."
            )
        if self.calibrated and self.learnt is None:
            remarks.append(
                "The index has learnt nothing of what a good match is: that takes captions of "
                f"{FEWEST_ASKED} photos, of which {FEWEST_TEXTS} differ and no word is in all."
            )
        return remarks

    def calibration(self) -> str:
        """What the index has learnt, in two sentences; "" where it has learnt nothing."""
        if self.learnt is None:
            return ""
        limits, learnt = self.learnt.limits, self.learnt
        return (
            f"Confidence in this index is high from {limits.high:.2f} spreads above chance on, and "
            f"low below {limits.low:.2f} ({USUAL.high:g} and {USUAL.low:g} are usual). With that "
            f"{100 * learnt.there:.0f} of 100 captions find their photos with high confidence, and "
            f"{100 * learnt.absent:.0f} something else where these are left out "
            f"({counted(learnt.photos, 'photo', 'photos')}, "
            f"{counted(learnt.texts, 'caption', 'captions')})."
        )


def print_report_json(report: Report) -> None:
    """Print all figures as one line."""
    told: dict[str, object] = {
        "model": report.ours.model,
        "photos": report.ours.photos,
        "pictures": report.ours.pictures,
        "skipped": report.skipped,
        "cut_texts": asdict(report.cut),
        **_directions_json(report.ours),
        "resamples": RESAMPLES,
        "seed": SEED,
        "remarks": report.all_remarks(),
    }
    if report.theirs is not None:
        told["against"] = {
            "name": report.other_name,
            "model": report.theirs.model,
            "cut_texts": None if report.their_cut is None else asdict(report.their_cut),
            **_directions_json(report.theirs),
        }
        told["comparison"] = [
            {
                "direction": verdict.direction,
                "queries": verdict.queries,
                "measure": one.measure,
                "decides": one is verdict.deciding,
                "difference": one.ours - one.theirs,
                "interval": [one.interval.low, one.interval.high],
                "p": one.p,
                "outcome": one.outcome,
            }
            for verdict in report.verdicts
            for one in verdict.differences
        ]
        told["verdicts"] = report.sentences()
    if report.calibrated:
        told["limits"] = None if report.learnt is None else asdict(report.learnt)
    print(json_line(told))


def print_report(report: Report, console: Console) -> None:
    """Print a table on a terminal, and rows for programs."""
    if console.is_terminal:
        table, place = _table(report), "Below"
        if _width(table, console) > console.width:
            table, place = _high_table(report), "Beside"
        console.print(table)
        console.print(
            f"{place} each: where it lies in 95 of 100 draws of queries ({RESAMPLES:,} draws, seed "
            f"{SEED}).",
            style="dim",
        )
    else:
        for row in _rows(report):
            print_row(console, *row)
    for line in report.sentences():
        console.print(Text(line))
    if learnt := report.calibration():
        console.print(Text(learnt))
    for remark in report.all_remarks():
        print_sentence(console, remark, "yellow")
    print_skips(report.gathered.skipped, console)


def _directions_json(evaluation: Evaluation) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, direction in evaluation.directions.items():
        figures = figures_of(direction)
        intervals = {one.name: [one.interval.low, one.interval.high] for one in figures}
        told[name] = {
            **{one.name: one.value for one in figures},
            "queries": len(direction.keys),
            "intervals": intervals,
        }
    return told


def _table(report: Report) -> Table:
    table = _titled(report)
    for name in SHOWN:
        table.add_column(name, justify="right", no_wrap=True)
    runs = _runs(report)
    for name, direction in report.ours.directions.items():
        what = _asked(name, direction)
        if report.theirs:
            table.add_row(Text(what))
        for label, run in runs:
            shown = _shown(run, name)
            table.add_row(Text(f"  {label}" if report.theirs else what), *map(_value, shown))
            table.add_row("", *map(_interval, shown), style="dim")
    return table


def _high_table(report: Report) -> Table:
    """The same with a row for each figure, for a terminal that is too narrow for a column of each.

    The names of two runs stand above it, as they may be longer than a column.
    """
    table, runs = _titled(report), _runs(report)
    for number, (label, _) in enumerate(runs, start=1):
        if report.theirs:
            table.title = Text.assemble(table.title or "", f"\n{number}: {label}")
        heading = str(number) if report.theirs else ""
        table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", justify="right", no_wrap=True, style="dim")
    for name, direction in report.ours.directions.items():
        table.add_row(Text(_asked(name, direction), no_wrap=True, overflow="ignore"))
        for figures in zip(*(_shown(run, name) for _, run in runs), strict=True):
            cells = [cell for one in figures for cell in (_value(one), _interval(one))]
            table.add_row(f"  {figures[0].name}", *cells)
    return table


def _width(table: Table, console: Console) -> int:
    """How wide a table is where there is room for all of it."""
    return console.measure(table, options=console.options.update(max_width=_NO_LIMIT)).maximum


def _titled(report: Report) -> Table:
    ours = report.ours
    title = (
        f"{ours.model} on {counted(ours.photos, 'photo', 'photos')} ({report.skipped:,} skipped)"
    )
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    return table


def _runs(report: Report) -> list[tuple[str, Evaluation]]:
    runs = [(report.names[0], report.ours)]
    return [*runs, (report.names[1], report.theirs)] if report.theirs else runs


def _asked(name: str, direction: Direction) -> str:
    return f"{name.replace('_', ' ')} ({len(direction.keys):,})"


def _shown(run: Evaluation, direction: str) -> list[Figure]:
    figures = {one.name: one for one in figures_of(run.directions[direction])}
    return [figures[each] for each in SHOWN]


def _value(figure: Figure) -> Text:
    return Text(f"{figure.value:g}" if figure.name == "median rank" else f"{figure.value:.3f}")


def _interval(figure: Figure) -> Text:
    """Where a figure lies. It has a line of its own where five of them would not fit beside."""
    places = "g" if figure.name == "median rank" else ".2f"
    return Text(f"{figure.interval.low:{places}}-{figure.interval.high:{places}}")


def _rows(report: Report) -> list[tuple[str, ...]]:
    """What the table tells, one value in a row, with its interval behind it."""
    rows: list[tuple[str, ...]] = [
        ("model", report.ours.model),
        ("photos", str(report.ours.photos)),
        ("skipped", str(report.skipped)),
    ]
    runs = [("", report.ours)] + ([("against ", report.theirs)] if report.theirs else [])
    for prefix, run in runs:
        for name, direction in run.directions.items():
            for one in figures_of(direction):
                places = "g" if one.name == "median rank" else ".3f"
                numbers = (one.value, one.interval.low, one.interval.high)
                rows.append(
                    (f"{prefix}{name} {one.name}", *(f"{each:{places}}" for each in numbers))
                )
    return rows
