"""Vectors that lie as those of a CLIP model do: photos in one cone, texts in another.

Random vectors flatter no index, and clustered ones flatter every index. Here photos and texts
vary in 96 directions of falling weight. Photos come in 20,000 groups, and the cones stand as far
apart as pictures and texts do in CLIP, so that the photos nearest to a text are far from it and
close to each other. The same seed gives the same vectors.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512
_DIRECTIONS, _GROUPS = 96, 20_000
_CONE, _NOISE = 1.6, 0.02

Matrix = NDArray[np.float32]


class _World(NamedTuple):
    basis: Matrix
    photos: Matrix
    texts: Matrix
    groups: Matrix


def photos(count: int, seed: int) -> Matrix:
    """Unit vectors of photos, shape (count, 512)."""
    return _vectors(count, seed, _world().photos, centre=0.75, spread=0.65, reach=0.5)


def photos_of(groups: NDArray[np.intp], seed: int) -> Matrix:
    """Unit vectors of a photo of each of these groups, numbers below 20,000."""
    world, random = _world(), np.random.default_rng(seed)
    return _around(np.float32(0.75) * world.groups[groups], random, world.photos, 0.65, 0.5)


def texts(count: int, seed: int) -> Matrix:
    """Unit vectors of queries, shape (count, 512); each asks for one group of photos."""
    return _vectors(count, seed, _world().texts, centre=0.8, spread=0.3, reach=0.45)


def texts_of(groups: NDArray[np.intp], seed: int) -> Matrix:
    """Unit vectors of queries for these groups."""
    world, random = _world(), np.random.default_rng(seed)
    return _around(np.float32(0.8) * world.groups[groups], random, world.texts, 0.3, 0.45)


def texts_of_nothing(count: int, seed: int) -> Matrix:
    """Unit vectors of texts that ask for nothing, shape (count, 512)."""
    world, random = _world(), np.random.default_rng(seed)
    within = np.zeros((count, _DIRECTIONS), np.float32)
    return _around(within, random, world.texts, 0.3, 0.45)


@cache
def _world() -> _World:
    random = np.random.default_rng(0)
    weights = np.arange(1, _DIRECTIONS + 1) ** -0.5
    basis = np.linalg.qr(random.standard_normal((DIMENSIONS, _DIRECTIONS)))[0] * weights
    cones = random.standard_normal((2, DIMENSIONS))
    cones /= np.linalg.norm(cones, axis=1, keepdims=True)
    groups = random.standard_normal((_GROUPS, _DIRECTIONS))
    return _World(*(each.astype(np.float32) for each in (basis, *cones, groups)))


def _vectors(
    count: int, seed: int, cone: Matrix, *, centre: float, spread: float, reach: float
) -> Matrix:
    world, random = _world(), np.random.default_rng(seed)
    within = np.float32(centre) * world.groups[random.integers(0, _GROUPS, count)]
    return _around(within, random, cone, spread, reach)


def _around(
    within: Matrix, random: np.random.Generator, cone: Matrix, spread: float, reach: float
) -> Matrix:
    within = within + np.float32(spread) * random.standard_normal(within.shape, np.float32)
    vectors = np.float32(reach) * within @ _world().basis.T
    vectors += np.float32(_CONE) * cone
    vectors += np.float32(_NOISE) * random.standard_normal(vectors.shape, np.float32)
    unit: Matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
