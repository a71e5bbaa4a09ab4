"""A model with two projections on top that are trained by SigLIP's loss, in seconds.

The towers stay as they are, so that what a loss decides, where texts and photos lie, is all that
differs. `training.texts` trains a whole text tower by that loss, which takes minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from photoseek.model import ClipModel

STEPS, BATCH, RATE, SEED = 400, 128, 5e-4, 0
FIRST_SCALE, FIRST_BIAS = 10.0, -10.0
"""As SigLIP begins."""

Matrix = NDArray[np.float32]


class SigmoidHeads:
    """Texts and photos of a model, projected; fewer members than a `ClipModel`."""

    def __init__(self, model: ClipModel, vectors: Matrix, captions: Sequence[str]) -> None:
        """Train on photos with these vectors, shape (n, d), and captions, in step."""
        torch.manual_seed(SEED)
        self._model = model
        places = {caption: place for place, caption in enumerate(dict.fromkeys(captions))}
        own = torch.tensor([places[caption] for caption in captions])
        photos, texts = torch.tensor(vectors), torch.tensor(model.encode_texts(list(places)))
        size = vectors.shape[1]
        heads = [torch.eye(size) + 0.02 * torch.randn(size, size) for _ in range(2)]
        self._photos, self._texts = (torch.nn.Parameter(head) for head in heads)
        scale = torch.nn.Parameter(torch.tensor(float(np.log(FIRST_SCALE))))
        bias = torch.nn.Parameter(torch.tensor(FIRST_BIAS))
        steps = torch.optim.AdamW(
            [
                {"params": [self._photos, self._texts], "weight_decay": 0.1},
                {"params": [scale, bias], "lr": 1e-2, "weight_decay": 0.0},
            ],
            lr=RATE,
        )
        for _ in range(STEPS):
            some = torch.randperm(len(photos))[:BATCH]
            seen = functional.normalize(photos[some] @ self._photos, dim=1)
            said = functional.normalize(texts[own[some]] @ self._texts, dim=1)
            fits = 2 * (own[some][:, None] == own[some][None]).float() - 1
            logits = fits * (scale.exp() * seen @ said.T + bias)
            steps.zero_grad()
            torch.autograd.backward(-functional.logsigmoid(logits).sum(1).mean())
            steps.step()

    def photos(self, vectors: Matrix) -> Matrix:
        """Vectors of the model's photos as they lie now."""
        return _projected(vectors, self._photos)

    def encode_texts(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of texts, shape (n, d)."""
        return _projected(self._model.encode_texts(list(texts)), self._texts)


@torch.no_grad()
def _projected(vectors: Matrix, head: torch.nn.Parameter) -> Matrix:
    projected: Matrix = functional.normalize(torch.tensor(vectors) @ head, dim=1).numpy()
    return projected
