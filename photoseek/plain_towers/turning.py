"""How far queries and keys are turned by the places of their squares, as in Meta's PE."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photoseek.plain_towers.plans import VisionPlan

_SLOWEST = 10_000

Turns = NDArray[np.float32]


def turns_of(plan: VisionPlan) -> tuple[Turns, Turns]:
    """Cosines and sines of the angles, shape (tokens, half of the width of a head) each.

    The first half of them follows the column of a square and the other its row. The token of the
    whole picture is not turned.
    """
    quarter = plan.layers.width // plan.layers.heads // 4
    bands = 1 / np.float32(_SLOWEST) ** (np.arange(quarter, dtype=np.float32) / quarter)
    places = np.arange(plan.side, dtype=np.float32) + (plan.first_place or 0)
    rows, columns = np.meshgrid(places, places, indexing="ij")
    angles = np.concatenate([columns[..., None] * bands, rows[..., None] * bands], axis=-1)
    angles = angles.reshape(plan.patches, 2 * quarter)
    if plan.has_whole:
        angles = np.concatenate([np.zeros_like(angles[:1]), angles])
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
