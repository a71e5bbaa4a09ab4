"""Vectors that take less memory in an engine: the same photos are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from photoseek.records import ModelIdentity
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.stored_photos import encoded

DIMENSIONS, PHOTOS = 64, 400


def test_small_vectors_find_what_whole_ones_find(place: str, tmp_path: Path) -> None:
    small = load_settings(engine_vectors="small", blobs=str(tmp_path / "blobs"))
    random = np.random.default_rng(5)
    vectors = random.standard_normal((PHOTOS, DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = open_store(place, ModelIdentity("wide", "f" * 16, DIMENSIONS), small)
    store.upsert(
        [replace(encoded(n), vector=vector, keep="none") for n, vector in enumerate(vectors)]
    )
    found = 0
    for query in range(20):
        best = {f"p{n:05}" for n in np.argsort(-(vectors @ vectors[query]))[:10]}
        hits = store.search(vectors[query], 10)
        assert hits[0].stored.photo.id == f"p{query:05}"
        assert abs(hits[0].score - 1) < 0.02
        found += len(best & {hit.stored.photo.id for hit in hits})
    assert found >= 160  # of 200; these vectors lie as close to one another as any can
    exactly = [hit.stored.photo.id for hit in store.search(vectors[0], 10, exact=True)]
    assert exactly[0] == "p00000"
    given = store.vectors(["p00003"])["p00003"]
    assert np.array_equal(given, vectors[3]), "they are given back as they were given"
