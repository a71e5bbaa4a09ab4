"""Searching a store by meaning and words, with copies taken together, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.errors import QueryError
from photoseek.records import Condition, Found, PictureText, Sort, TextLine, Traits
from photoseek.search.answer import BEST, DEDUPE_WINDOW, Search, search
from photoseek.search.confidence import Background
from photoseek.search.fusion import FUSED
from photoseek.search.limits import Limits
from photoseek.search.query_encoder import EncodedPart, EncodedQuery
from photoseek.store import MemoryStore, PhotoStore
from tests.support.stored_photos import MODEL, encoded, vector_of

PHOTOS = 2 * FUSED + 50
QUERY = vector_of(9_999)


@pytest.fixture(scope="module")
def store() -> PhotoStore:
    """Every tenth photo is of a boat, in words; every seventh is a copy of the one before."""
    store = MemoryStore(MODEL)
    for number in range(PHOTOS):
        photo = encoded(number, caption="a boat" if number % 10 == 3 else "something else")
        phash = f"{(number - (number % 7 == 0 and number > 0)) * 0x9E3779B97F4A7C15 % 2**64:016x}"
        store.upsert([replace(photo, traits=Traits(phash=phash))])
    return store


def asked(words: str = "", *, is_picture: bool = False, **more: Any) -> Search:
    query = EncodedQuery((EncodedPart(QUERY, is_picture=is_picture),), words)
    return replace(Search(query, top_k=20, hybrid=bool(words)), **more)


def ids(answer: Found) -> list[str]:
    return [hit.stored.photo.id for hit in answer.hits]


@pytest.mark.parametrize("more", [{}, {"words": "boat"}, {"dedupe": True}])
def test_pages_follow_each_other_to_the_end(store: PhotoStore, more: dict[str, Any]) -> None:
    whole = search(store, asked(top_k=1000, **more), None)
    assert whole.next_offset is None
    assert whole.total == PHOTOS
    copies = [copy.photo.id for hit in whole.hits for copy in hit.duplicates]
    assert sorted([*ids(whole), *copies]) == sorted(
        hit.stored.photo.id for hit in store.search(QUERY, PHOTOS)
    )
    assert bool(copies) == ("dedupe" in more)
    paged: list[str] = []
    while True:
        page = search(store, asked(offset=len(paged), **more), None)
        assert [hit.rank for hit in page.hits] == list(
            range(len(paged) + 1, len(paged) + 1 + len(page.hits))
        )
        paged += ids(page)
        if page.next_offset is None:
            break
    # A copy that only a longer page reaches may be the better cover.
    groups = [{hit.stored.photo.id, *(c.photo.id for c in hit.duplicates)} for hit in whole.hits]
    assert len(set(paged)) == len(paged)
    assert all(each in group for each, group in zip(paged, groups, strict=True))
    assert "dedupe" in more or paged == ids(whole)


def test_words_bring_photos_to_the_front(store: PhotoStore) -> None:
    by_meaning = search(store, asked(), None)
    fused = search(store, asked(words="boat"), None)

    def boats(answer: Found) -> int:
        return sum("boat" in hit.stored.photo.caption for hit in answer.hits)

    assert boats(fused) > boats(by_meaning)
    for hit in fused.hits:
        vector = store.vectors([hit.stored.photo.id])[hit.stored.photo.id]
        assert hit.score == pytest.approx(float(vector @ QUERY), abs=1e-5)
    nowhere = search(store, asked(words="zeppelin"), None)
    assert ids(nowhere) == ids(by_meaning), "words that nobody has change nothing"
    narrowed = search(
        store, asked(words="boat", where=(Condition("caption", "!=", "a boat"),)), None
    )
    assert boats(narrowed) == 0


def test_photos_that_are_asked_with_are_not_found(store: PhotoStore) -> None:
    first, second = ids(search(store, asked(), None))[:2]
    parts = EncodedPart(first), EncodedPart(second, -0.5), EncodedPart(QUERY, 0.3)
    mixed = Search(EncodedQuery(parts), top_k=1000)
    answer = search(store, mixed, None)
    assert answer.total == len(answer.hits) == PHOTOS - 2
    assert {first, second}.isdisjoint(ids(answer))
    vectors = store.vectors([first, second])
    expected = vectors[first] - 0.5 * vectors[second] + 0.3 * QUERY
    [best] = store.search(
        (expected / np.linalg.norm(expected)).astype(np.float32),
        1,
        where=[Condition("id", "!=", first), Condition("id", "!=", second)],
    )
    assert ids(answer)[0] == best.stored.photo.id
    with pytest.raises(QueryError, match="No photo in the index has the id 'nobody'"):
        search(store, Search(EncodedQuery((EncodedPart("nobody"),))), None)


def test_confidence_comes_with_the_first_page(store: PhotoStore) -> None:
    background = Background(store.sample(100))
    assert search(store, asked(), background).confidence in ("high", "medium", "low")
    assert search(store, asked(offset=20), background).confidence is None
    assert search(store, asked(), None).confidence is None
    assert search(store, asked(is_picture=True), background).confidence
    nothing = search(store, asked(where=(Condition("width", ">", 10**6),)), background)
    assert (nothing.hits, nothing.total, nothing.confidence) == ((), 0, None)


def test_a_photo_with_all_the_words_is_a_good_match_whatever_it_looks_like() -> None:
    few = MemoryStore(MODEL)
    few.upsert([encoded(number, caption="a boat", seed=1) for number in range(20)])
    background = Background(np.vstack([vector_of(number) for number in range(100)]))

    def confidence(words: str) -> str | None:
        return search(few, replace(asked(words), hybrid=True), background).confidence

    assert confidence("boat at night") == "low"
    assert confidence("a boat") == "high"


def test_what_is_written_of_the_nearest_photos_counts_without_a_hybrid_search_too() -> None:
    few = MemoryStore(MODEL)
    few.upsert([encoded(number, caption="a boat", seed=1) for number in range(BEST)])
    further = [encoded(100 + n, caption="a far lighthouse", seed=2) for n in range(5)]
    few.upsert(further)
    background = Background(np.vstack([vector_of(number) for number in range(100)]))
    toward = vector_of(1) - 3 * vector_of(3)  # near the boats, and nothing like them
    query = EncodedQuery((EncodedPart((toward / np.linalg.norm(toward)).astype(np.float32)),))

    def said(words: str, sort: Sort | None = None, *, with_picture: bool = False) -> str | None:
        parts = query.parts
        if with_picture:
            parts = (*parts, EncodedPart(parts[0].value, 0.1, is_picture=True))
        whole = Search(EncodedQuery(parts, words), top_k=25, sort=sort)
        return search(few, whole, background).confidence

    for sort in (None, Sort("indexed_at")):
        assert said("tree", sort) == "low"
        assert said("Boat", sort) == "high"
        assert said("boat lighthouse", sort) == "low", "no photo has both"
        assert said("?!", sort) == "low", "no word"
        assert said("far lighthouse", sort) == "low", "it is not among the nearest"
    assert said("boat", with_picture=True) == "low", "a picture was asked for as well"
    found = search(few, Search(EncodedQuery(query.parts, "boat"), top_k=1), background)
    assert found.hits[0].lines_found == ()


def test_an_index_has_limits_of_its_own_for_texts(store: PhotoStore) -> None:
    background = Background(store.sample(100))
    parts = (EncodedPart(QUERY),)
    meaningless = np.vstack([vector_of(5_000 + n) for n in range(16)])
    lax, strict = Limits(-1_000, -1_000), Limits(-1_000, 1_000)

    def said(limits: Limits, without: NDArray[np.float32] | None = None) -> str | None:
        query = EncodedQuery(parts, meaningless=without)
        return search(store, Search(query), background, limits).confidence

    assert (said(lax, meaningless), said(strict, meaningless)) == ("high", "medium")
    assert said(lax) == said(strict), "they were learnt with texts that mean nothing beside"


def test_an_answer_without_duplicates_ends(store: PhotoStore) -> None:
    beyond = search(store, asked(dedupe=True, offset=DEDUPE_WINDOW), None)
    assert (beyond.hits, beyond.next_offset) == ((), None)


def test_a_photo_that_was_found_by_its_text_says_which_lines() -> None:
    store = MemoryStore(MODEL)
    box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    lines = ("Summer SALE", "until July", "sale!", *(f"sale {n}" for n in range(9)))
    text = PictureText("reader 1", tuple(TextLine(line, 0.9, box) for line in lines))
    store.upsert([replace(encoded(1), text=text), encoded(2, caption="a sale of boats")])
    found = {
        hit.stored.photo.id: hit.lines_found for hit in search(store, asked("sale"), None).hits
    }
    assert found == {"p00001": ("Summer SALE", "sale!", "sale 0", "sale 1", "sale 2"), "p00002": ()}
    without = search(store, asked(), None)
    assert {hit.lines_found for hit in without.hits} == {()}
