"""The card of a tuned model: what it was made of, and how good it is."""

from __future__ import annotations

from collections.abc import Iterable

from photoseek.evaluation.chance import Interval
from photoseek.tuning.measuring import DIRECTIONS, SURE, Comparison
from photoseek.tuning.outcome import Tuned
from photoseek.tuning.plan import RANK

_OUTCOMES = {
    "better": "It is better on them.",
    "worse": "It is worse on them.",
    "chance": "The difference is within chance.",
}


def card_of(tuned: Tuned, source: str, command: str) -> str:
    """The card as Markdown; `source` is where the photos were listed."""
    parts, plan, course = tuned.parts, tuned.plan, tuned.course
    lines = [
        f"# {tuned.base}, tuned",
        "",
        f"An OpenCLIP model, made of `{tuned.base}` by photoseek. `--model local-dir:FOLDER` takes "
        "it; an index belongs to the model that made it, so index your "
        "photos with it into another `--index`.",
        "",
        "## Data",
        "",
        f"- photos and captions: {source}",
        f"- {len(tuned.gathered.examples):,} photos with a caption: {len(parts.train):,} trained "
        f"it, {len(parts.choice):,} chose when to end and how much to take, {len(parts.test):,} "
        "tested it and were looked at once",
        f"- {len(tuned.gathered.skipped):,} were left out",
        "- licences of the photos: " + _licences(tuned),
        f"- the licence of `{tuned.base}` holds for this model too; whether that of the photos "
        "does is for you to find out",
        "",
        "## How good it is",
        "",
        f"On the {len(parts.test):,} photos of the test, which neither trained nor chose it. In "
        "brackets is where a figure lies in 95 of 100 draws of the queries.",
        "",
        *_table(tuned.own),
        *([] if tuned.in_order is None else ["", tuned.in_order.sentence()]),
        "",
        *_general(tuned),
        "",
        "## How it was made",
        "",
        "It was stopped by hand; this goes on to the end:"
        if course.by_hand
        else "This makes the same model again, with the same figures, on the same kind of machine:",
        "",
        "```",
        command,
        "```",
        "",
        f"- seed {plan.seed}; LoRA of rank {RANK} on every matrix, and the words of the captions; "
        f"batches of {plan.batch}, learning rate {plan.rate:g}",
        f"- {course.epochs} epochs, of which number {course.best_epoch} was the best; it ended "
        f"because {course.ended}",
        f"- {tuned.share:.0%} of the way from the original weights to the trained ones is taken "
        "(WiSE-FT): the least that was nearly as good as the best on the part that chose",
        "",
    ]
    return "\n".join(lines)


def sentence_of(comparison: Comparison) -> str:
    """Whether the tuned model is better, in words, with how much."""
    gains = [
        f"{name} {gain:+.3f} {_between(interval)}{_few(interval, p)}"
        for name, (gain, interval), p in zip(
            DIRECTIONS, comparison.gains, comparison.chances, strict=True
        )
    ]
    return f"{_OUTCOMES[comparison.outcome]} Mean of R@1, R@5 and R@10: {', '.join(gains)}."


def _few(interval: Interval, p: float) -> str:
    """Why a difference is not sure that its interval would call so."""
    is_apart = interval.low > 0 or interval.high < 0
    return f" (p = {p:.2g}: too few photos to be sure)" if is_apart and p >= SURE else ""


def no_check() -> str:
    """What a card says where nothing was checked."""
    return (
        "No general check was made, so nobody knows what this model forgot. --check SOURCE names "
        "captioned photos of another kind for one."
    )


def _general(tuned: Tuned) -> Iterable[str]:
    if tuned.general is None:
        return [no_check()]
    return [
        f"The general check is on {tuned.general.before.photos:,} photos of another kind "
        f"({tuned.check}), of which none trained or chose it:",
        "",
        *_table(tuned.general),
    ]


def _table(comparison: Comparison) -> Iterable[str]:
    yield "| | before | after |"
    yield "| --- | --- | --- |"
    for row in comparison.rows:
        before = f"{row.before:.3f} {_between(row.before_interval)}"
        yield f"| {row.name} | {before} | {row.after:.3f} {_between(row.after_interval)} |"
    yield ""
    yield sentence_of(comparison)


def _between(interval: Interval) -> str:
    return f"[{interval.low:.3f}, {interval.high:.3f}]"


def _licences(tuned: Tuned) -> str:
    counted = tuned.gathered.licences().most_common(20)
    return ", ".join(f"{name or 'not known'} ({count:,})" for name, count in counted)
