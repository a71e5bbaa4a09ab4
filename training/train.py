"""Train the demo's model on drawings.

Three lessons share each batch: OpenCLIP's ClipLoss between drawings and captions, and the
cross-entropy of single attributes, once by linear heads and once by their names.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from open_clip.loss import ClipLoss
from open_clip.model import CLIP
from torch import Tensor
from torch.nn import functional

from photoseek.demo.scene import Scene, scene_of
from photoseek.files.atomic import replacing
from training.attributes import Attributes, vocabulary_of
from training.batches import augmented, caption_rows
from training.drawings import load_drawings, training_seeds
from training.export import (
    MODEL_FOLDER,
    encode_rows,
    model_config,
    save_model,
)

WARM_UP = 0.06
HIGHEST_LOGIT_SCALE = 4.6052


@dataclass(frozen=True)
class Plan:
    """What a training run is given."""

    seed: int
    drawings: int
    epochs: int
    batch: int
    rate: float
    image_size: int
    width: int
    cache: Path
    out: Path
    threads: int
    minutes: float
    text_from: float
    pair_share: float
    start: Path | None


def open_residuals(model: CLIP) -> None:
    """Let every residual branch speak from the start.

    OpenCLIP begins with closed branches, which is stable for long runs; a short run of a net this
    shallow learns shapes several times sooner with open ones.
    """
    for name, parameter in model.visual.named_parameters():
        if name.endswith("bn3.weight"):
            torch.nn.init.ones_(parameter)


class Training:
    """A run that can be interrupted after any epoch and goes on from there."""

    def __init__(self, plan: Plan, scenes: list[Scene], pixels: Tensor) -> None:
        self.plan, self.scenes, self.pixels = plan, scenes, pixels
        self.rng = random.Random(plan.seed)
        self.vocabulary = vocabulary_of(self.scenes, plan.seed)
        self.contrast = ClipLoss()
        config = model_config(plan.image_size, plan.width, len(self.vocabulary))
        self.model = CLIP(**config)
        self.model.visual = self.model.visual.to(memory_format=torch.channels_last)
        open_residuals(self.model)
        self.attributes = Attributes(self.scenes, self.vocabulary, config["embed_dim"])
        self.parameters = [*self.model.parameters(), *self.attributes.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, plan.rate, (0.9, 0.98), weight_decay=0.05
        )
        self.steps = len(scenes) // plan.batch
        self.epoch, self.seconds = 0, 0.0
        self.checkpoint = plan.cache / "checkpoint.pt"

    def run(self) -> float:
        """Train, write the model after every epoch, return the seconds spent."""
        self._resume()
        while self._done(0) < 1:
            self._train_epoch()
            self.epoch += 1
            say(f"epoch {self.epoch} of {self.plan.epochs}, {self._done(0):.0%} of the run")
            self.save()
        return self.seconds

    def _train_epoch(self) -> None:
        batch, order = self.plan.batch, list(range(len(self.scenes)))
        self.rng.shuffle(order)
        losses: list[float] = []
        for step in range(self.steps):
            started, done = time.monotonic(), self._done(step)
            if done >= 1:
                return
            self._set_rate(done)
            picked = torch.tensor(order[step * batch : (step + 1) * batch])
            losses.append(self._step(picked, done >= self.plan.text_from))
            self.seconds += time.monotonic() - started
            if step % 25 == 24:
                mean = sum(losses[-25:]) / 25
                say(f"  step {step + 1}/{self.steps}  loss {mean:.3f}  {self.seconds:.0f} s")

    def _done(self, step: int) -> float:
        """The share of the run that lies behind, by epochs or by minutes."""
        done = (self.epoch * self.steps + step) / (self.plan.epochs * self.steps)
        if self.plan.minutes:
            done = max(done, self.seconds / (60 * self.plan.minutes))
        return done

    def _set_rate(self, done: float) -> None:
        """Set the learning rate: a short rise, then a cosine fall."""
        fall = 0.5 + 0.5 * math.cos(math.pi * done)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * min(fall, (done + 0.002) / WARM_UP)

    def _step(self, picked: Tensor, with_text: bool) -> float:
        self.model.train()
        images = augmented(self.pixels[picked], self.plan.image_size, self.rng)
        embeddings = self.model.encode_image(images)
        loss = self.attributes.by_head(embeddings, picked)
        if with_text:
            loss = loss + self._text_loss(functional.normalize(embeddings, dim=-1), picked)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.parameters, 2.0)
        self.optimiser.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, HIGHEST_LOGIT_SCALE)
        return float(loss.detach())

    def _text_loss(self, image_vectors: Tensor, picked: Tensor) -> Tensor:
        texts = [caption_rows(self.scenes[i], self.vocabulary, self.rng) for i in picked.tolist()]
        text_vectors = encode_rows(self.model, self.vocabulary.batch(texts))
        scale = self.model.logit_scale.exp()
        loss: Tensor = self.contrast(image_vectors, text_vectors, scale)
        return loss + self.attributes.by_name(self.model, image_vectors, picked, self.rng)

    def save(self) -> None:
        """Write the model, and a checkpoint that an interrupted run goes on from."""
        plan = self.plan
        save_model(self.model, self.vocabulary, plan.image_size, plan.width, plan.out)
        state = {
            "plan": repr(plan),
            "epoch": self.epoch,
            "seconds": self.seconds,
            "rng": self.rng.getstate(),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "attributes": self.attributes.state_dict(),
        }
        with replacing(self.checkpoint) as part:
            torch.save(state, part)

    def _resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            if state["plan"] == repr(self.plan):
                self.epoch, self.seconds = state["epoch"], state["seconds"]
                self.rng.setstate(state["rng"])
                self.optimiser.load_state_dict(state["optimiser"])
                self._load_weights(state)
                say(f"going on after epoch {self.epoch}")
                return
            say(f"{self.checkpoint} is of another plan; beginning from the start")
        if self.plan.start:
            self._load_weights(torch.load(self.plan.start, weights_only=True))

    def _load_weights(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.attributes.load_state_dict(state["attributes"])


def train(plan: Plan) -> float:
    """Draw, train, write the model; returns the seconds of training, without drawing."""
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    say(f"drawing {plan.drawings} pictures at {plan.image_size} pixels")
    seeds = training_seeds(plan.drawings, plan.pair_share)
    pixels = load_drawings(
        seeds,
        plan.image_size,
        plan.cache,
        plan.threads,
        lambda done, count: say(f"  part {done}/{count}"),
    )
    return Training(plan, [scene_of(seed) for seed in seeds], torch.from_numpy(pixels)).run()


def say(line: str) -> None:
    """Report progress."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--seed", type=int, default=0, help="of weights, order and captions")
    add("--drawings", type=int, default=20000, help="how many pictures to train on")
    add("--epochs", type=int, default=20, help="how often to see each")
    add("--batch", type=int, default=128, help="pictures per step")
    add("--rate", type=float, default=2e-3, help="highest learning rate")
    add("--image-size", type=int, default=64, help="pixels per side that the model sees")
    add("--width", type=int, default=24, help="channels of the first stage")
    add("--cache", type=Path, default=Path(".cache/demo"), help="folder of drawings, checkpoint")
    add("--out", type=Path, default=MODEL_FOLDER, help="folder of the model")
    add("--threads", type=int, default=2, help="processors to use")
    add("--minutes", type=float, default=0, help="end by then, however many epochs; 0: no limit")
    add("--text-from", type=float, default=0.4, help="share of the run before captions join")
    add("--pair-share", type=float, default=0.5, help="share of drawings with two subjects")
    add("--start", type=Path, help="checkpoint of another run whose weights to begin with")
    plan = Plan(**vars(parser.parse_args()))
    say(f"trained in {train(plan):.0f} s; the model is in {plan.out}")


if __name__ == "__main__":
    main()
