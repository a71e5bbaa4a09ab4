"""Train a new text tower, by CLIP's loss or by SigLIP's, over what a trained image tower sees.

`python -m training.texts --loss sigmoid --out FOLDER`: minutes. The image tower is that of another
model and is locked, as in SigLiT, up to its last projection, which is learnt together with all
of the text tower: so both losses are compared on the same features, and what a loss decides, where
texts and pictures lie and how far apart, is made by it alone.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import torch
from open_clip.loss import ClipLoss, SigLipLoss
from open_clip.model import CLIP
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from photoseek.demo.scene import Scene, scene_of
from photoseek.plain_towers.model_files import CONFIG, WEIGHTS
from training.attributes import Attributes, vocabulary_of
from training.batches import augmented, caption_rows
from training.drawings import load_drawings, training_seeds
from training.export import (
    MODEL_FOLDER,
    Loss,
    encode_rows,
    model_config,
    save_model,
)
from training.train import HIGHEST_LOGIT_SCALE, WARM_UP, say

BATCH_SEEN = 100
PROJECTION = "attnpool.c_proj."


@dataclass(frozen=True)
class TextPlan:
    """What a run is given."""

    loss: Loss
    out: Path
    seed: int
    drawings: int
    looks: int
    steps: int
    batch: int
    rate: float
    pair_share: float
    cache: Path
    pictures_from: Path
    threads: int


def shape_of(folder: Path) -> tuple[int, int]:
    """The pixels per side that a model sees, and its width."""
    vision = json.loads((folder / CONFIG).read_text("utf-8"))["model_cfg"]["vision_cfg"]
    return int(vision["image_size"]), int(vision["width"])


def load_image_tower(model: CLIP, folder: Path) -> None:
    """Take the image tower of another model of this shape; the last projection stays random."""
    weights = load_file(folder / WEIGHTS)
    own = model.visual.state_dict()
    for name in own:
        if not name.startswith(PROJECTION):
            own[name] = weights[f"visual.{name}"].to(own[name].dtype)
    model.visual.load_state_dict(own)


def seen(model: CLIP, pixels: Tensor, image_size: int, looks: int, rng: random.Random) -> Tensor:
    """What the image tower sees before its last projection: [N, looks, D].

    Each look at a drawing is another crop, mirrored or not.
    """
    tower = model.visual.eval()
    projection = tower.attnpool.c_proj
    width = projection.in_features
    tower.attnpool.c_proj = torch.nn.Linear(width, width)
    torch.nn.init.eye_(tower.attnpool.c_proj.weight)
    torch.nn.init.zeros_(tower.attnpool.c_proj.bias)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), BATCH_SEEN):
            part = pixels[start : start + BATCH_SEEN]
            views = [tower(augmented(part, image_size, rng)) for _ in range(looks)]
            parts.append(torch.stack(views, dim=1))
            say(f"  seen {start + len(part)} of {len(pixels)}")
    tower.attnpool.c_proj = projection
    return torch.cat(parts).clone()


class TextTraining:
    """A run: texts and the last projection of pictures."""

    def __init__(self, plan: TextPlan, scenes: list[Scene], pixels: Tensor) -> None:
        self.plan, self.scenes = plan, scenes
        size, width = shape_of(plan.pictures_from)
        self.rng = random.Random(plan.seed)
        self.vocabulary = vocabulary_of(scenes, plan.seed)
        config = model_config(size, width, len(self.vocabulary), plan.loss)
        self.model = CLIP(**config)
        load_image_tower(self.model, plan.pictures_from)
        self.features = seen(self.model, pixels, size, plan.looks, self.rng)
        self.attributes = Attributes(scenes, self.vocabulary, config["embed_dim"])
        self.projection = self.model.visual.attnpool.c_proj
        self.parameters = [
            *self.projection.parameters(),
            *(p for name, p in self.model.named_parameters() if not name.startswith("visual.")),
        ]
        self.optimiser = torch.optim.AdamW(
            self.parameters, plan.rate, (0.9, 0.98), weight_decay=0.05
        )

    def run(self) -> CLIP:
        """Train, and give the model."""
        losses: list[float] = []
        for step in range(self.plan.steps):
            done = step / self.plan.steps
            fall = 0.5 + 0.5 * math.cos(math.pi * done)
            for group in self.optimiser.param_groups:
                group["lr"] = self.plan.rate * min(fall, (done + 0.002) / WARM_UP)
            losses.append(self._step())
            if step % 100 == 99:
                mean = sum(losses[-100:]) / 100
                say(f"  step {step + 1}/{self.plan.steps}  loss {mean:.3f}")
        return self.model

    def _step(self) -> float:
        picked = torch.tensor(self.rng.sample(range(len(self.scenes)), self.plan.batch))
        look = self.rng.randrange(self.plan.looks)
        images = functional.normalize(self.projection(self.features[picked, look]), dim=-1)
        rows = [caption_rows(self.scenes[i], self.vocabulary, self.rng) for i in picked.tolist()]
        texts = encode_rows(self.model, self.vocabulary.batch(rows))
        scale, bias = self.model.logit_scale.exp(), self.model.logit_bias
        pairs: Tensor = (
            ClipLoss()(images, texts, scale)
            if bias is None
            else SigLipLoss()(images, texts, scale, bias)
        )
        loss = pairs + self.attributes.by_name(self.model, images, picked, self.rng)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.parameters, 2.0)
        self.optimiser.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, HIGHEST_LOGIT_SCALE)
        return float(loss.detach())


def train_texts(plan: TextPlan) -> None:
    """Draw, look, train, write the model."""
    image_size, width = shape_of(plan.pictures_from)
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    seeds = training_seeds(plan.drawings, plan.pair_share)
    pixels = load_drawings(
        seeds,
        image_size,
        plan.cache,
        plan.threads,
        lambda done, count: say(f"  drawn {done}/{count}"),
    )
    scenes = [scene_of(seed) for seed in seeds]
    training = TextTraining(plan, scenes, torch.from_numpy(pixels))
    save_model(training.run(), training.vocabulary, image_size, width, plan.out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        prog="python -m training.texts",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--loss", choices=get_args(Loss), default="sigmoid", help="CLIP's is softmax")
    add("--out", type=Path, required=True, help="folder of the model")
    add("--seed", type=int, default=0, help="of weights, order and captions")
    add("--drawings", type=int, default=6000, help="how many pictures to train on")
    add("--looks", type=int, default=2, help="crops of each")
    add("--steps", type=int, default=2000, help="batches")
    add("--batch", type=int, default=128, help="pictures per step")
    add("--rate", type=float, default=2e-3, help="highest learning rate")
    add("--pair-share", type=float, default=0.5, help="share of drawings with two subjects")
    add("--cache", type=Path, default=Path(".cache/texts"), help="folder of drawings")
    add("--pictures-from", type=Path, default=MODEL_FOLDER, help="whose image tower to take")
    add("--threads", type=int, default=2, help="processors to use")
    plan = TextPlan(**vars(parser.parse_args()))
    train_texts(plan)
    say(f"the model is in {plan.out}")


if __name__ == "__main__":
    main()
