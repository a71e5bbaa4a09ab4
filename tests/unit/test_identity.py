"""Which models' vectors may meet in one index."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from photoseek.identity import activation, is_mistaken, same_vectors, text_key
from photoseek.records import ModelIdentity

GOOD, MISTAKEN = "ViT-B-32:laion2b_s34b_b79k", "ViT-B-32:openai"
WEIGHTS = "0123456789abcdef"


def model(name: str, fingerprint: str, dimensions: int = 512) -> ModelIdentity:
    return ModelIdentity(name, fingerprint, dimensions)


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        (GOOD, f"{WEIGHTS}-gelu-00000000", f"{WEIGHTS}-gelu-00000000", True),
        (GOOD, f"{WEIGHTS}-gelu-00000000", f"{WEIGHTS}-gelu-00000001", False),
        (GOOD, f"{WEIGHTS}-gelu-00000000", f"{WEIGHTS}-quick_gelu-00000000", False),
        (GOOD, WEIGHTS, f"{WEIGHTS}-gelu-00000000", True),
        (GOOD, WEIGHTS, "f123456789abcdef-gelu-00000000", False),
        (GOOD, WEIGHTS, WEIGHTS, True),
        (GOOD, WEIGHTS, "f123456789abcdef", False),
        (MISTAKEN, WEIGHTS, f"{WEIGHTS}-quick_gelu-00000000", False),
        (MISTAKEN, f"{WEIGHTS}-quick_gelu-00000000", f"{WEIGHTS}-quick_gelu-00000000", True),
        ("ViT-B-32-quickgelu:openai", WEIGHTS, f"{WEIGHTS}-quick_gelu-00000000", True),
    ],
)
def test_what_may_be_compared(name: str, one: str, other: str, expected: bool) -> None:
    assert same_vectors(model(name, one), model(name, other)) is expected
    assert same_vectors(model(name, other), model(name, one)) is expected


def test_names_and_dimensions_count() -> None:
    fingerprint = f"{WEIGHTS}-gelu-00000000"
    assert not same_vectors(model(GOOD, fingerprint), model("demo", fingerprint))
    assert not same_vectors(model(GOOD, fingerprint), model(GOOD, fingerprint, 256))


def test_a_folder_may_be_moved_and_hold_any_model() -> None:
    whole, old = f"{WEIGHTS}-gelu-00000000", WEIGHTS
    for name in ("local-dir:models/ours", "demo"):
        moved = model("local-dir:/srv/ours", whole)
        assert same_vectors(model(name, whole), moved)
        assert same_vectors(moved, model(name, whole))
        assert not same_vectors(model(name, whole[:-1] + "1"), moved)
        assert not same_vectors(model(name, whole, 256), moved)
    assert not same_vectors(model("local-dir:a", old), model("local-dir:b", old))
    assert not same_vectors(model("local-dir:a", old), model("local-dir:b", whole))


def test_the_activation_is_told() -> None:
    assert activation(model(GOOD, f"{WEIGHTS}-gelu-00000000")) == "GELU"
    assert activation(model(GOOD, f"{WEIGHTS}-quick_gelu-00000000")) == "QuickGELU"
    assert activation(model(GOOD, WEIGHTS)) == ""


def test_what_an_older_photoseek_made_wrong_is_known() -> None:
    assert is_mistaken(model(MISTAKEN, WEIGHTS))
    assert not is_mistaken(model(MISTAKEN, f"{WEIGHTS}-quick_gelu-00000000"))
    assert not is_mistaken(model(GOOD, WEIGHTS))


TOKENIZERS = ("", "1a2b3c4d", "4d3c2b1a")


@pytest.mark.parametrize("one", [WEIGHTS, f"{WEIGHTS}-gelu-00000000"])
@pytest.mark.parametrize("other", [WEIGHTS, f"{WEIGHTS}-gelu-00000000", "0" * 16])
@pytest.mark.parametrize("name", [GOOD, MISTAKEN, "local-dir:models/ours"])
def test_a_tokenizer_changes_no_vector_of_a_photo(name: str, one: str, other: str) -> None:
    first, second = model(name, one), model(name, other)
    expected = same_vectors(first, second)
    for read, read_otherwise in product(TOKENIZERS, repeat=2):
        pair = replace(first, tokenizer=read), replace(second, tokenizer=read_otherwise)
        assert same_vectors(*pair) is expected
        assert (pair[0] == pair[1]) is (first == second)


def test_vectors_of_texts_are_kept_by_the_tokenizer_too() -> None:
    bare = model(GOOD, f"{WEIGHTS}-gelu-00000000")
    keys = [text_key(replace(bare, tokenizer=each)) for each in TOKENIZERS]
    assert keys[0] == [GOOD, bare.fingerprint, 512], "as an older photoseek kept them"
    assert len({*map(tuple, keys)}) == len(TOKENIZERS)
