"""Single attributes by name, as a second lesson beside whole captions."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from open_clip.model import CLIP
from torch import Tensor
from torch.nn import functional

from photoseek.demo.captions import (
    colour_wordings,
    figure_wordings,
    full_caption,
    place_wordings,
    short_caption,
    subject_wordings,
    time_wordings,
)
from photoseek.demo.colours import COLOURS
from photoseek.demo.scene import Scene
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS
from training.export import Vocabulary, encode_rows


def all_wordings() -> tuple[list[list[str]], ...]:
    """For each of KINDS the names, for each name its wordings."""
    return (
        [subject_wordings(name) for name in SUBJECTS],
        [colour_wordings(name) for name in COLOURS],
        [place_wordings(name) for name in PLACES],
        [time_wordings(name) for name in MOODS],
        [figure_wordings(subject, colour) for subject in SUBJECTS for colour in COLOURS],
    )


def vocabulary_of(scenes: Sequence[Scene], seed: int) -> Vocabulary:
    """The tokens of every wording that training can use."""
    rng = random.Random(f"vocabulary-{seed}")
    texts = [text for kind in all_wordings() for name in kind for text in name]
    for scene in scenes:
        texts += [full_caption(scene, rng), short_caption(scene, rng), short_caption(scene, rng)]
    return Vocabulary(texts)


KINDS = ("subject", "colour", "place", "time", "figure")
WEIGHTS = (1.0, 0.5, 0.25, 0.25, 1.5)


class Attributes(torch.nn.Module):
    """Lessons in single attributes: by linear heads, which are thrown away, and by name.

    The heads teach the image tower to tell subjects apart before the text tower can; a "figure"
    is a subject in its colour, so that two subjects keep their own colours.
    """

    def __init__(self, scenes: Sequence[Scene], vocabulary: Vocabulary, size: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.wordings = [
            [[vocabulary.encode(text) for text in name] for name in kind] for kind in all_wordings()
        ]
        self.targets = targets_of(scenes)
        self.heads = torch.nn.ModuleList(
            torch.nn.Linear(size, target.shape[1]) for target in self.targets
        )

    def by_head(self, embeddings: Tensor, picked: Tensor) -> Tensor:
        """Weighted cross-entropy of the heads; `embeddings` are not normalised."""
        losses = [
            weight * functional.cross_entropy(head(embeddings), target[picked])
            for weight, head, target in zip(WEIGHTS, self.heads, self.targets, strict=True)
        ]
        return torch.stack(losses).sum()

    def by_name(self, model: CLIP, images: Tensor, picked: Tensor, rng: random.Random) -> Tensor:
        """Weighted loss of unit vectors against the text vectors of all names of a kind.

        `picked` are the positions of the images' drawings.
        """
        texts = [rng.choice(name) for kind in self.wordings for name in kind]
        names = encode_rows(model, self.vocabulary.batch(texts))
        parts = torch.split(names, [len(kind) for kind in self.wordings])
        losses = [
            weight * _of_names(model, images @ part.T, target[picked])
            for weight, part, target in zip(WEIGHTS, parts, self.targets, strict=True)
        ]
        return torch.stack(losses).sum()


def _of_names(model: CLIP, cosines: Tensor, targets: Tensor) -> Tensor:
    """The loss of pictures against all names of a kind, in the manner of the model's own loss."""
    logits = model.logit_scale.exp() * cosines
    if model.logit_bias is None:
        return functional.cross_entropy(logits, targets)
    each = functional.binary_cross_entropy_with_logits(
        logits + model.logit_bias, (targets > 0).float(), reduction="sum"
    )
    return each / len(cosines)


def targets_of(scenes: Sequence[Scene]) -> list[Tensor]:
    """For each of KINDS which names a drawing shows, as shares that sum to 1: [N, names]."""
    names = [list(group) for group in (SUBJECTS, COLOURS, PLACES, MOODS)]
    subjects, colours, places, times = names
    targets = [torch.zeros(len(scenes), len(group)) for group in names]
    targets.append(torch.zeros(len(scenes), len(subjects) * len(colours)))
    for i, scene in enumerate(scenes):
        share = 1 / len(scene.figures)
        for figure in scene.figures:
            subject, colour = subjects.index(figure.subject), colours.index(figure.colour)
            targets[0][i, subject] += share
            targets[1][i, colour] += share
            targets[4][i, subject * len(colours) + colour] += share
        targets[2][i, places.index(scene.place)] = 1
        targets[3][i, times.index(scene.time)] = 1
    return targets
