"""Copies of one picture are taken together under the best of them, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

from photoseek.records import Hit, Photo, StoredPhoto, Traits
from photoseek.search.duplicates import (
    BITS_APART,
    BITS_APART_IN_THE_SAME_COLOURS,
    group_duplicates,
    with_best_cover,
)

PHASH = 0x0123456789ABCDEF


def hit(
    rank: int, phash: int | None, colours: tuple[str, ...] = ("red",), size: str = "3x2"
) -> Hit:
    width, height = (int(side) * 100 for side in size.split("x"))
    traits = Traits(colours=colours, phash="" if phash is None else f"{phash:016x}")
    stored = StoredPhoto(Photo(f"p{rank}", f"/{rank}.jpg"), "", width, height, traits)
    return Hit(rank, 1 - rank / 100, stored)


def flipped(bits: int, start: int = 0) -> int:
    """The hash with so many bits of it changed."""
    return PHASH ^ ((1 << bits) - 1) << start


def ranks(hits: list[Hit]) -> list[list[int]]:
    return [
        [one.hit.rank, *(copy.rank for copy in one.duplicates)] for one in group_duplicates(hits)
    ]


def test_nothing_to_fold() -> None:
    assert group_duplicates([]) == []
    hits = [hit(1, PHASH), hit(2, ~PHASH % 2**64)]
    assert [(one.hit, one.duplicates) for one in group_duplicates(hits)] == [
        (hits[0], ()),
        (hits[1], ()),
    ]


def test_the_best_of_the_copies_stands_where_it_was() -> None:
    other = ~PHASH % 2**64
    hits = [hit(4, other), hit(5, PHASH), hit(6, PHASH), hit(7, other), hit(8, PHASH)]
    assert ranks(hits) == [[4, 7], [5, 6, 8]]


def test_the_copy_that_people_want_is_the_cover() -> None:
    def cover(*hits: Hit) -> list[int]:
        [group] = map(with_best_cover, group_duplicates(hits))
        return [group.hit.rank, *(copy.rank for copy in group.duplicates)]

    small, large, larger = (
        hit(1, PHASH, size="3x2"),
        hit(2, PHASH, size="6x4"),
        hit(3, PHASH, size="9x6"),
    )
    assert cover(small, larger, large) == [3, 1, 2]
    assert cover(small, hit(2, PHASH)) == [1, 2]
    described = replace(
        large, stored=replace(large.stored, photo=Photo("x", "/x", caption="A car"))
    )
    assert cover(small, described, larger) == [2, 1, 3]


def test_a_few_bits_are_enough_in_other_colours_and_more_in_the_same() -> None:
    few, more = BITS_APART, BITS_APART_IN_THE_SAME_COLOURS
    grey = ("grey",)
    assert ranks([hit(1, PHASH), hit(2, flipped(few), grey)]) == [[1, 2]]
    assert ranks([hit(1, PHASH), hit(2, flipped(few + 1), grey)]) == [[1], [2]]
    assert ranks([hit(1, PHASH), hit(2, flipped(more))]) == [[1, 2]]
    assert ranks([hit(1, PHASH), hit(2, flipped(more + 1))]) == [[1], [2]]
    two = hit(1, PHASH, ("red", "grey")), hit(2, flipped(more), ("grey", "red"))
    assert ranks(list(two)) == [[1, 2]]


def test_other_shapes_are_other_pictures() -> None:
    assert ranks([hit(1, PHASH, size="6x4"), hit(2, PHASH, size="30x20")]) == [[1, 2]]
    assert ranks([hit(1, PHASH, size="20x20"), hit(2, PHASH, size="20x21")]) == [[1, 2]]
    assert ranks([hit(1, PHASH, size="3x2"), hit(2, PHASH, size="2x3")]) == [[1], [2]]
    assert ranks([hit(1, PHASH, size="4x3"), hit(2, PHASH, size="3x2")]) == [[1], [2]]


def test_a_photo_without_a_hash_has_no_copies() -> None:
    assert ranks([hit(1, None), hit(2, None), hit(3, 0), hit(4, 0)]) == [[1], [2], [3, 4]]


def test_small_changes_do_not_add_up() -> None:
    steps = BITS_APART_IN_THE_SAME_COLOURS
    chain = [hit(1, PHASH), hit(2, flipped(steps)), hit(3, flipped(2 * steps))]
    assert ranks(chain) == [[1, 2], [3]]
    middle_first = [chain[1], chain[0], chain[2]]
    assert ranks(middle_first) == [[2, 1, 3]]


def test_a_copy_goes_to_the_best_of_those_that_it_is_like() -> None:
    steps = BITS_APART_IN_THE_SAME_COLOURS
    ends = [hit(1, PHASH), hit(2, flipped(2 * steps)), hit(3, flipped(steps))]
    assert ranks(ends) == [[1, 3], [2]]


def test_a_thousand_hits() -> None:
    hits = [hit(rank, (rank // 2) * 0x9E3779B97F4A7C15 % 2**64) for rank in range(1000)]
    assert [len(one.duplicates) for one in group_duplicates(hits)] == [1] * 500
