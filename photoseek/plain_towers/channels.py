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
        KeyError, TypeError, ValueError: it does not say three numbers for each, or divides by 0.
    """
    mean, std = (tuple(map(float, preprocess[name])) for name in ("mean", "std"))
    if len(mean) != 3 or len(std) != 3 or not all(map(math.isfinite, mean + std)) or not all(std):
        raise ValueError(
            f"mean and std are three numbers each, and none of std is 0; given are {list(mean)} "
            f"and {list(std)}"
        )
    return mean, std
