"""OpenCLIP's losses, to which an equal caption of another photo is no wrong answer.

Agencies give a whole series one caption. In a batch such photos would be taught to differ where
they do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from open_clip.loss import ClipLoss, SigLipLoss
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

Same = Tensor
"""Shape (n, n), bool: where a photo carries the text of another one."""


def same_captions(texts: Sequence[str], captions: Sequence[Sequence[str]]) -> Same:
    """Which texts of a batch belong to which of its photos besides their own.

    `texts` has what was picked for each photo, and `captions` all that each has.
    """
    has = torch.tensor([[text in set(mine) for text in texts] for mine in captions])
    return (has | has.T) & ~torch.eye(len(texts), dtype=torch.bool)


class Contrast(ClipLoss):  # type: ignore[misc]  # OpenCLIP has no types
    """That of CLIP: among the texts of a batch the right one, and among its photos."""

    def __init__(self, same: Same) -> None:
        super().__init__()
        self._same = same

    @override
    def get_logits(
        self, *features: Tensor, logit_bias: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The logits of photos and of texts; what is no wrong answer counts as nothing."""
        images, texts = super().get_logits(*features, logit_bias=logit_bias)
        nothing = -torch.inf
        return images.masked_fill(self._same, nothing), texts.masked_fill(self._same, nothing)


class Pairwise(SigLipLoss):  # type: ignore[misc]
    """That of SigLIP: for each photo and each text whether they belong together."""

    def __init__(self, same: Same) -> None:
        super().__init__()
        self._same = same

    @override
    def get_ground_truth(
        self, device: torch.device, dtype: torch.dtype, num_logits: int, negative_only: bool = False
    ) -> Tensor:
        """1 where they belong together and -1 where they do not."""
        labels: Tensor = super().get_ground_truth(device, dtype, num_logits, negative_only)
        return labels.masked_fill(self._same, 1.0)


def loss_of(
    images: Tensor, texts: Tensor, scale: Tensor, bias: Tensor | None, same: Same
) -> Tensor:
    """The loss of a batch of unit vectors, shape (n, d), by the kind of the model.

    One that has a bias was trained by SigLIP's.
    """
    same = same.to(images.device)
    if bias is None:
        loss: Tensor = Contrast(same)(images, texts, scale)
    else:
        loss = Pairwise(same)(images, texts, scale, bias)
    return loss


def loss_of_wrong(texts: Tensor, good: Tensor, wrong: Tensor, scale: Tensor) -> Tensor:
    """The loss of hits in the wrong order: small where each text is nearer to its good hit.

    All are unit vectors of shape (n, d).
    """
    nearer = (texts * good).sum(dim=1) - (texts * wrong).sum(dim=1)
    return -functional.logsigmoid(scale * nearer).mean()
