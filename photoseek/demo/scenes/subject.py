"""What every subject tells about itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from photoseek.demo.colours import Paint
from photoseek.demo.pen import Pen

Draw = Callable[[Pen, Paint, random.Random], None]
Home = Literal["ground", "water", "sky"]

COAST = ("beach", "harbour", "lake")


@dataclass(frozen=True)
class Subject:
    """One thing that a drawing can show.

    `words` are its names, the plain one first. The drawing fills `width` by `height` units above
    its origin, centred. `places` names where it may be, empty for everywhere.
    """

    words: tuple[str, ...]
    draw: Draw
    width: float
    height: float
    home: Home = "ground"
    places: tuple[str, ...] = ()
