"""What pictures are normalised by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Channels = tuple[float, ...]
"""Three numbers: for red, green and blue."""


def channels_of(preprocess: Mapping[str, Any]) -> tuple[Channels, Channels]:
    """The `mean` and `std` of a configuration.

    Raises:
        KeyError, ValueError: it does not say three numbers for each, or divides by 0.
    """
    said = [preprocess[name] for name in ("mean", "std")]
    try:
        mean, std = (tuple(map(float, numbers)) for numbers in said)
        is_right = len(mean) == len(std) == 3 and all(map(math.isfinite, mean + std)) and all(std)
    except (TypeError, ValueError):
        is_right = False
    if not is_right:
        raise ValueError(
            f"mean and std are three numbers each, and none of std is 0; given are {said[0]} and "
            f"{said[1]}"
        )
    return mean, std
