"""The training itself: seeded, measured after each epoch, and resumed where it was killed."""

from __future__ import annotations

import io
import math
import random
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from photoseek.errors import ModelError
from photoseek.files.atomic import replacing
from photoseek.model.devices import is_out_of_memory
from photoseek.model.open_network import OpenNetwork
from photoseek.tuning.adapters import Adapters
from photoseek.tuning.augmenting import augmented, normalised
from photoseek.tuning.examples import Example, Parts, texts_of
from photoseek.tuning.losses import loss_of, loss_of_wrong, same_captions
from photoseek.tuning.measuring import Matrix, Measured, measure
from photoseek.tuning.model_folder import storing
from photoseek.tuning.photo_pixels import PhotoPixels
from photoseek.tuning.plan import LEAST_BATCH, PATIENCE, Course, Plan
from photoseek.tuning.unfinished import read_checkpoint

WARM_UP = 0.1
"""The share of the training in which the learning rate rises. Then it falls as a cosine does."""

SHIFT, LIGHT = 0.04, 0.1
"""By how much photos are moved, of their side, and lit."""

LARGEST_GRADIENT = 1.0
SAVED_SECONDS = 120.0
"""The most that a training loses when it is killed, but for the step that it is in."""

MEASURED_AT_ONCE = 64

Hears = Callable[[int, int, float], None]
"""Hears how many photos were trained on of all epochs, of which epoch, and the best score."""


@dataclass(slots=True)
class _Progress:
    """How far a training is, and the best that there was."""

    epoch: int = 0
    step: int = 0
    best_epoch: int = 0
    best_score: float = -1.0
    best: list[Tensor] = field(default_factory=list)


class Training:
    """A training that goes on where it was interrupted.

    All chance comes from the seed, the epoch and the step, so one that was killed ends as one that
    was not.
    """

    def __init__(
        self,
        opened: OpenNetwork,
        parts: Parts,
        pixels: PhotoPixels,
        plan: Plan,
        checkpoint: Path,
        command: str = "",
    ) -> None:
        """`checkpoint` is a file; one of another plan, or of other photos, is not gone on from.
        `command` is what to run to go on from it.
        """
        self._opened = opened
        self._parts = parts
        self._pixels = pixels
        self._plan = plan
        self._checkpoint = checkpoint
        self._command = command
        texts = list(texts_of(parts.train))
        used = [opened.tokenize(texts[i : i + MEASURED_AT_ONCE]) for i in _blocks(texts)]
        self.adapters = Adapters(
            opened.network, torch.cat([tokens.flatten() for tokens in used]), plan.seed
        )
        self._device = opened.device
        self._trained = list(self.adapters.trained())
        self._optimiser = torch.optim.AdamW(self._trained, plan.rate, (0.9, 0.98), weight_decay=0.0)
        self._scaler = torch.amp.GradScaler(
            self._device.type, enabled=self._number_format() == torch.float16
        )
        self._at = _Progress(best=self.adapters.state())
        self._steps = plan.steps(len(parts.train))
        self.other: dict[str, Any] | None = None
        """What another training has left in its place."""
        self.goes_on = self._resume()
        """Whether this training was begun before, and stopped."""

    def run(self, hear: Hears = lambda *_: None) -> Course:
        """Train until nothing is gained any more; afterwards the best of all epochs is in place.

        KeyboardInterrupt ends it earlier, with the best so far.

        Raises:
            ModelError: the memory is too small.
        """
        ended, by_hand = "each photo was seen as often as was asked for", False
        try:
            while self._at.epoch < self._plan.epochs:
                if self._at.epoch - self._at.best_epoch >= PATIENCE:
                    ended = f"{PATIENCE} epochs in a row brought nothing better"
                    break
                self._train_epoch(hear)
                self._judge()
                self._save()
        except KeyboardInterrupt:
            ended, by_hand = "it was stopped by hand", True
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"The memory of {self._device} is too small for {self._plan.batch} photos at once. "
                "Take fewer: --batch 16, or a smaller --model."
            ) from error
        self.adapters.load(self._at.best)
        return Course(self._at.epoch, self._at.best_epoch, self._at.best_score, ended, by_hand)

    def measured(self, examples: Sequence[Example], *, share: float = 1.0) -> Measured:
        """How well the network with that share of what was trained does on examples.

        Photos that cannot be read any more count as found by nobody.
        """
        images = [
            self._images(examples[i : i + MEASURED_AT_ONCE], share) for i in _blocks(examples)
        ]
        texts = list(texts_of(examples))
        vectors = [self._texts(texts[i : i + MEASURED_AT_ONCE], share) for i in _blocks(texts)]
        return measure(examples, np.concatenate(images), np.concatenate(vectors))

    def vectors(
        self, examples: Sequence[Example], texts: list[str], share: float
    ) -> tuple[Matrix, Matrix]:
        """The unit vectors of a few photos and texts with that share of what was trained."""
        none = np.empty((0, self._opened.identity.dimensions), np.float32)
        return self._images(examples, share), self._texts(texts, share) if texts else none

    def _train_epoch(self, hear: Hears) -> None:
        examples, at = list(self._parts.train), self._at
        random.Random(f"{self._plan.seed}-{at.epoch}").shuffle(examples)
        saved = time.monotonic()
        for step in range(at.step, self._steps):
            rng = random.Random(f"{self._plan.seed}-{at.epoch}-{step}")
            self._set_rate(at.epoch * self._steps + step)
            self._step(examples[step * self._plan.batch : (step + 1) * self._plan.batch], rng)
            at.step = step + 1
            seen = (at.epoch * self._steps + at.step) * self._plan.batch
            hear(seen, at.epoch + 1, at.best_score)
            if time.monotonic() - saved > SAVED_SECONDS:
                self._save()
                saved = time.monotonic()
        at.epoch, at.step = at.epoch + 1, 0

    def _step(self, examples: Sequence[Example], rng: random.Random) -> None:
        found = self._pixels.of([example.uri for example in examples])
        pairs = [(e, p) for e, p in zip(examples, found, strict=True) if p is not None]
        if len(pairs) < LEAST_BATCH:
            return
        texts = [rng.choice(example.captions) for example, _ in pairs]
        stacked = torch.from_numpy(np.stack([pixels for _, pixels in pairs])).to(self._device)
        shift = max(1, round(SHIFT * stacked.shape[1]))
        mean, std = self._opened.mean, self._opened.std
        images = augmented(stacked, mean, std, rng, shift=shift, light=LIGHT)
        same = same_captions(texts, [example.captions for example, _ in pairs])
        wrong_for, wrong = self._wrong_hits(texts, rng)
        with self._autocast():
            made = self.adapters.run(images, self._opened.tokenize(texts).to(self._device))
            wrongs = self.adapters.run(wrong, None).images if wrong is not None else None
        assert made.images is not None
        assert made.texts is not None
        loss = loss_of(made.images.float(), made.texts.float(), made.scale, made.bias, same)
        if wrongs is not None:
            few = made.texts.float()[wrong_for], made.images.float()[wrong_for], wrongs.float()
            loss = loss + loss_of_wrong(*few, made.scale)
        self._optimiser.zero_grad()
        torch.autograd.backward(self._scaler.scale(loss))
        self._scaler.unscale_(self._optimiser)
        torch.nn.utils.clip_grad_norm_(self._trained, LARGEST_GRADIENT)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self.adapters.limit_scale()

    def _wrong_hits(self, texts: list[str], rng: random.Random) -> tuple[list[int], Tensor | None]:
        """Which texts of a batch have a wrong hit, and one of each, normalised."""
        chosen = [
            (place, rng.choice(self._parts.wrong[text]))
            for place, text in enumerate(texts)
            if text in self._parts.wrong
        ]
        found = self._pixels.of([uri for _, uri in chosen])
        usable = [(place, p) for (place, _), p in zip(chosen, found, strict=True) if p is not None]
        if not usable:
            return [], None
        stacked = torch.from_numpy(np.stack([pixels for _, pixels in usable])).to(self._device)
        mean, std = self._opened.mean, self._opened.std
        return [place for place, _ in usable], normalised(stacked, mean, std)

    def _set_rate(self, step: int) -> None:
        done = step / (self._plan.epochs * self._steps)
        fall = 0.5 + 0.5 * math.cos(math.pi * done)
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * min(fall, (done + 0.002) / WARM_UP)

    def _judge(self) -> None:
        score = self.measured(self._parts.choice).score
        if score > self._at.best_score:
            self._at.best_epoch, self._at.best_score = self._at.epoch, score
            self._at.best = self.adapters.state()

    def _images(self, examples: Sequence[Example], share: float) -> Matrix:
        size = self._opened.shape.size
        nothing = np.zeros((size, size, 3), np.uint8)
        found = self._pixels.of([example.uri for example in examples])
        stacked = np.stack([nothing if pixels is None else pixels for pixels in found])
        pixels = torch.from_numpy(stacked).to(self._device)
        with torch.inference_mode():
            made = self.adapters.run(
                normalised(pixels, self._opened.mean, self._opened.std), None, share=share
            )
        assert made.images is not None
        vectors: Matrix = made.images.float().cpu().numpy()
        vectors[[place for place, one in enumerate(found) if one is None]] = 0
        return vectors

    def _texts(self, texts: list[str], share: float) -> Matrix:
        with torch.inference_mode():
            made = self.adapters.run(
                None, self._opened.tokenize(texts).to(self._device), share=share
            )
        assert made.texts is not None
        vectors: Matrix = made.texts.float().cpu().numpy()
        return vectors

    def _autocast(self) -> Any:
        number_format = self._number_format()
        if number_format is None:
            return nullcontext()
        return torch.autocast(self._device.type, number_format)

    def _number_format(self) -> torch.dtype | None:
        """What a GPU multiplies in; a CPU computes in float32, so that it gives the same again."""
        if self._device.type == "cpu":
            return None
        has_bf16 = self._device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if has_bf16 else torch.float16

    def _keys(self) -> tuple[str, str]:
        """What this training is known by, and what it was before the tokenizer counted."""
        told = (self._opened.identity.fingerprint, self._parts.digest, self._plan)
        mark = self._opened.tokenizer.mark
        return repr((*told, mark) if mark else told), repr(told)

    def _save(self) -> None:
        at = self._at
        state = {
            "key": self._keys()[0],
            "command": self._command,
            "at": (at.epoch, at.step, at.best_epoch, at.best_score),
            "best": at.best,
            "now": self.adapters.state(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }
        made = io.BytesIO()  # torch says of a full disk that a position is unexpected
        torch.save(state, made)
        with storing(self._checkpoint.parent), replacing(self._checkpoint) as part:
            part.write_bytes(made.getbuffer())

    def _resume(self) -> bool:
        """Go to where this training was stopped; False where it is a new one."""
        state = read_checkpoint(self._checkpoint)
        if state is None or state["key"] not in self._keys():
            self.other = state
            return False
        epoch, step, best_epoch, best_score = state["at"]
        self._at = _Progress(epoch, step, best_epoch, best_score, state["best"])
        self.adapters.load(state["now"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._scaler.load_state_dict(state["scaler"])
        return True


def _blocks(items: Sequence[Any]) -> range:
    return range(0, len(items), MEASURED_AT_ONCE)
