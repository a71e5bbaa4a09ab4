"""A tuning from photos to a folder: train, choose how much of it is taken, test, write."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from photoseek.errors import ModelError, SettingsError
from photoseek.files.atomic import replacing
from photoseek.model import load_model
from photoseek.model.open_network import OpenNetwork
from photoseek.plain_towers.model_files import CONFIG, WEIGHTS
from photoseek.tuning.examples import Example, Gathered, Parts
from photoseek.tuning.measuring import Comparison, Measured, compare, nearly_as_good
from photoseek.tuning.model_folder import (
    TOKENIZER_FILES,
    storing,
    write_model,
    write_tokenizer,
)
from photoseek.tuning.outcome import CARD, CHECKPOINT, Check, Tuned, has_model
from photoseek.tuning.photo_pixels import PhotoPixels
from photoseek.tuning.plan import Plan
from photoseek.tuning.training_run import Hears, Training
from photoseek.tuning.unfinished import other_tuning
from photoseek.tuning.wrong_hits import hits_in_order

SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(1, 11))
"""How much of what was trained may be taken, as in WiSE-FT."""

SAME = 0.999
"""The least cosine similarity of vectors of the written model to those that were measured."""


def tune(
    opened: OpenNetwork,
    gathered: Gathered,
    parts: Parts,
    pixels: PhotoPixels,
    plan: Plan,
    folder: Path,
    *,
    check: Check | None,
    on_training: Hears = lambda *_: None,
    on_measuring: Callable[[], None] = lambda: None,
    card: Callable[[Tuned], str],
    command: str = "",
) -> Tuned:
    """Tune a model on examples, and write it into a folder where it became better on the test part.

    `on_measuring` hears that the training has ended. `card` gives the text of its README.md, and
    `command` is what to run to go on where this is stopped.

    Raises:
        ModelError: the memory is too small, or what was written is not what was measured.
        SettingsError: another tuning, which may go on, was stopped in the folder.
        StorageError: the folder cannot be written.
    """
    begun = time.monotonic()
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    training = Training(opened, parts, pixels, plan, folder / CHECKPOINT, command)
    if training.other is not None:
        raise other_tuning(folder, training.other)
    if has_model(folder) and not training.goes_on:
        raise SettingsError(
            f"The model in {folder} was made by another command, and what that could go on from "
            "is damaged. It is left as it is. Name another folder by --to."
        )
    course = training.run(on_training)
    if not course.best_epoch:
        raise KeyboardInterrupt
    on_measuring()
    share = _chosen_share(training, parts.choice)
    own = _compared(training, parts.test, share)
    general = _compared(training, check.examples, share) if check else None
    is_better = own.outcome == "better"
    tuned = Tuned(
        opened.identity.name,
        folder,
        plan,
        parts,
        gathered,
        course,
        share,
        own,
        general,
        check.name if check else "",
        hits_in_order(training, parts, share),
        time.monotonic() - begun,
        is_better,
    )
    if is_better:
        _write(opened, training, tuned, pixels)
        with storing(folder), replacing(folder / CARD) as part:
            part.write_text(card(tuned), encoding="utf-8")
    if not course.by_hand:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    return tuned


def _chosen_share(training: Training, choice: Sequence[Example]) -> float:
    """The least share that is nearly as good as the best one on the part that chooses.

    The nearer a model stays to what it was, the less it forgets.
    """
    found: list[Measured] = [training.measured(choice, share=share) for share in SHARES]
    best = max(found, key=lambda one: one.score)
    return next(
        share for share, one in zip(SHARES, found, strict=True) if nearly_as_good(best, one)
    )


def _compared(training: Training, examples: Sequence[Example], share: float) -> Comparison:
    return compare(training.measured(examples, share=0.0), training.measured(examples, share=share))


def _write(opened: OpenNetwork, training: Training, tuned: Tuned, pixels: PhotoPixels) -> None:
    """Write the model and load it, to see that it is the one that was measured."""
    folder = tuned.folder
    config = opened.config | ({"quick_gelu": True} if opened.quick_gelu else {})
    weights = {name: each.cpu() for name, each in training.adapters.merged(tuned.share).items()}
    with storing(folder):
        for name in (CARD, WEIGHTS, CONFIG):  # of a tuning that was stopped and goes on
            (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        if opened.tokenizer_files is not None:
            write_tokenizer(folder, opened.tokenizer_files)
        write_model(folder, weights, config, opened.network.visual.preprocess_cfg)
    if not _is_same(training, tuned, pixels):
        for name in (WEIGHTS, CONFIG, *TOKENIZER_FILES):
            (folder / name).unlink(missing_ok=True)
        raise ModelError(
            f"The model that was written to {folder} gives other vectors than the one that was "
            "measured, so it is removed. This kind of model cannot be tuned; choose another "
            "--model."
        )


def _is_same(training: Training, tuned: Tuned, pixels: PhotoPixels) -> bool:
    few = [one for one in tuned.parts.test[:8] if pixels.of([one.uri])[0] is not None]
    model = load_model(f"local-dir:{tuned.folder}", precision="fp32", device="cpu")
    images = model.encode_images([p for p in pixels.of([one.uri for one in few]) if p is not None])
    texts = [one.captions[0] for one in few]
    measured = training.vectors(few, texts, tuned.share)
    written = (images, model.encode_texts(texts))
    return all(
        float(np.sum(a * b, axis=1).min(initial=1.0)) >= SAME
        for a, b in zip(measured, written, strict=True)
    )
