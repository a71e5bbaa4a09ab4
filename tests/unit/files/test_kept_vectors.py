"""Vectors of texts are made once for a model, and a damaged file is no harm."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from photoseek.files.kept_vectors import KEPT, Matrix, kept_vectors
from tests.support.stored_photos import MODEL, vector_of


class Maker:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Matrix:
        self.asked += 1
        return np.stack([vector_of(1), vector_of(2)])


def test_they_are_made_once_for_a_model_and_its_texts(tmp_path: Path) -> None:
    make, folder = Maker(), tmp_path / "texts"
    first = kept_vectors(MODEL, ["a", "b"], make, folder)
    np.testing.assert_array_equal(kept_vectors(MODEL, ["a", "b"], make, folder), first)
    assert make.asked == 1
    kept_vectors(MODEL, ["a", "c"], make, folder)
    other = dataclasses.replace(MODEL, fingerprint="another")
    kept_vectors(other, ["a", "b"], make, folder)
    assert make.asked == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-8]),
        lambda path: path.write_bytes(b"\x93NUMPY\x01\x00\xff\xff{'descr': 'O'"),
        lambda path: np.save(path, np.zeros((2, MODEL.dimensions), np.float32)),
        lambda path: np.save(path, np.ones((2, 3), np.float32)),
        lambda path: np.save(path, np.array([{"a": 1}], object), allow_pickle=True),
        lambda path: np.save(path, np.full((2, MODEL.dimensions), np.nan, np.float32)),
    ],
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: object) -> None:
    make = Maker()
    good = kept_vectors(MODEL, ["a"], make, tmp_path)
    [path] = tmp_path.glob("*.npy")
    damage(path)  # type: ignore[operator]
    np.testing.assert_array_equal(kept_vectors(MODEL, ["a"], make, tmp_path), good)
    np.testing.assert_array_equal(kept_vectors(MODEL, ["a"], make, tmp_path), good)
    assert make.asked == 2


def test_where_nothing_can_be_written_they_are_made_each_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    make = Maker()
    for _ in range(2):
        assert len(kept_vectors(MODEL, ["a"], make, blocked / "texts")) == 2
    assert make.asked == 2


def test_the_oldest_files_go(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        kept_vectors(MODEL, [str(number)], Maker(), tmp_path)
    assert len(list(tmp_path.iterdir())) == KEPT
