"""Embeddings that are mixed, and embeddings in links."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest

from photoseek.errors import QueryError
from photoseek.records import ModelIdentity, Vector
from photoseek.search.tokens import from_token, to_token
from photoseek.search.vectors import mix

MODEL = ModelIdentity("tiny", "ab12cd34", 64)


def unit(seed: int) -> Vector:
    vector = np.random.default_rng(seed).normal(size=64).astype(np.float32)
    found: Vector = vector / np.linalg.norm(vector)
    return found


def test_a_mix_leans_to_the_heavier_part_and_away_from_what_is_below_zero() -> None:
    dog, snow = unit(1), unit(2)
    mixed = mix([dog, snow], [2, -1])
    assert np.linalg.norm(mixed) == pytest.approx(1)
    assert mixed @ dog > 0.8
    assert mixed @ snow < dog @ snow
    np.testing.assert_allclose(mix([dog], [0.1]), dog, rtol=1e-5)
    np.testing.assert_allclose(mix([dog], [-3]), -dog, rtol=1e-5)


def test_parts_that_cancel_each_other_out() -> None:
    with pytest.raises(QueryError, match="cancel each other out"):
        mix([unit(1), unit(1)], [1, -1])


def test_a_vector_goes_through_a_link() -> None:
    for seed in range(20):
        token = to_token(unit(seed), MODEL)
        assert token.replace("-", "").replace("_", "").isalnum()
        assert from_token(token, MODEL) @ unit(seed) > 0.999


def older_link(vector: Vector, model: ModelIdentity) -> str:
    """What version 0.2 made of a vector, with the first letters of the weights' fingerprint."""
    scaled = np.rint(vector * (127 / np.abs(vector).max())).astype(np.int8)
    data = model.fingerprint.encode()[:4] + scaled.tobytes()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_links_of_an_older_photoseek_still_work() -> None:
    today = replace(MODEL, fingerprint="ab12cd34ab12cd34-gelu-00000000")
    assert from_token(older_link(unit(1), today), today) @ unit(1) > 0.999


def test_links_to_vectors_that_do_not_fit_are_refused() -> None:
    today = replace(MODEL, fingerprint="ab12cd34ab12cd34-gelu-00000000")
    other = replace(MODEL, fingerprint="ab12cd34ab12cd34-quick_gelu-00000000")
    with pytest.raises(QueryError, match="not made with the model tiny"):
        from_token(to_token(unit(1), today), other)
    mistaken = replace(today, name="ViT-B-32:openai")
    with pytest.raises(QueryError, match="not made with the model ViT-B-32:openai"):
        from_token(older_link(unit(1), mistaken), mistaken)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("", "not made with the model tiny"),
        ("ä", "not base64"),
        ("a b", "not base64"),
        (to_token(unit(1), MODEL)[:-4], "not made with"),
        (to_token(unit(1), ModelIdentity("other", "ffff", 64)), "not made with the model tiny"),
        ("YWIxM" + "A" * 86, "not made with"),
        ("YWIxMg" + "A" * 85, "is empty"),
    ],
)
def test_what_is_no_vector(token: str, sentence: str) -> None:
    with pytest.raises(QueryError, match=sentence):
        from_token(token, MODEL)
