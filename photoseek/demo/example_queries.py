"""Searches that show the demo library at its best, and the drawings that answer them."""

from __future__ import annotations

from photoseek.demo.scene import Figure

Motif = tuple[tuple[Figure, ...], str, str]
"""What a drawing shows: figures, place, time."""

CAR = (Figure("car", "red"),)
CAT, KITTEN = (Figure("cat", "orange"),), (Figure("cat", "black"),)
DOG, TREE = Figure("dog", "brown"), Figure("tree", "green")


def _boat(colour: str) -> tuple[Figure, ...]:
    return (Figure("sailing boat", colour),)


def _balloon(colour: str) -> tuple[Figure, ...]:
    return (Figure("hot air balloon", colour),)


FEATURED: dict[str, tuple[Motif, ...]] = {
    "red car at night": (
        (CAR, "city", "night"),
        (CAR, "mountains", "night"),
        (CAR, "beach", "night"),
        (CAR, "snow", "night"),
    ),
    "sailing boat at sunset": (
        (_boat("white"), "lake", "sunset"),
        (_boat("blue"), "harbour", "sunset"),
        (_boat("red"), "beach", "sunset"),
        (_boat("yellow"), "lake", "sunset"),
    ),
    "a cat in the forest": (
        (CAT, "forest", "day"),
        (KITTEN, "forest", "night"),
        (CAT, "forest", "sunrise"),
        (KITTEN, "forest", "fog"),
    ),
    "foggy city": (
        ((Figure("bus", "red"),), "city", "fog"),
        ((Figure("bicycle", "blue"),), "city", "fog"),
        ((Figure("umbrella", "yellow"),), "city", "fog"),
        ((Figure("bench", "green"),), "city", "fog"),
    ),
    "hot air balloon over the mountains": (
        (_balloon("red"), "mountains", "day"),
        (_balloon("yellow"), "mountains", "sunrise"),
        (_balloon("blue"), "mountains", "sunset"),
        (_balloon("purple"), "mountains", "rainbow"),
    ),
    "a dog and a tree": (
        ((DOG, TREE), "field", "day"),
        ((DOG, TREE), "lake", "sunrise"),
        ((DOG, TREE), "garden", "day"),
        ((DOG, TREE), "mountains", "sunset"),
    ),
}
"""For each example query the motifs that the library holds for it."""

EXAMPLE_QUERIES: tuple[str, ...] = tuple(FEATURED)
"""Queries to try first; the first three are shown by `make demo`."""
