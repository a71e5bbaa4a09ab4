"""From photos to vectors, without Jina."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoseek.encoding import PhotoEncoder, UnchangedPhoto
from photoseek.errors import NotAPhotoError
from photoseek.images import ImageLimits
from photoseek.model import load_model
from photoseek.records import EncodedPhoto, Photo, Skip
from photoseek.storage import PhotoReader
from tests.models import DIMENSIONS, save_model


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhotoEncoder]:
    model = load_model(save_model(tmp_path_factory.mktemp("model")))
    encoder = PhotoEncoder(model, PhotoReader(), ImageLimits(), threads=3)
    yield encoder
    encoder.close()


def save(path: Path, seed: int) -> Photo:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return Photo(id=path.stem, uri=str(path))


def test_answers_come_in_order_and_a_bad_photo_leaves_the_others_alone(
    encoder: PhotoEncoder, tmp_path: Path
) -> None:
    good = [save(tmp_path / f"{i}.jpg", i) for i in range(5)]
    (tmp_path / "bad.jpg").write_bytes(b"nonsense")
    bad = Photo(id="bad", uri=str(tmp_path / "bad.jpg"))
    missing = Photo(id="missing", uri=str(tmp_path / "missing.jpg"))
    photos = [good[0], bad, good[1], missing, *good[2:]]
    outcomes = encoder.encode(photos, [""] * len(photos))
    assert isinstance(outcomes[1], Skip)
    assert isinstance(outcomes[3], Skip)
    encoded = [outcome for outcome in outcomes if isinstance(outcome, EncodedPhoto)]
    assert [item.photo.id for item in encoded] == ["0", "1", "2", "3", "4"]
    for item in encoded:
        data = Path(item.photo.uri).read_bytes()
        assert item.content_hash == hashlib.blake2b(data, digest_size=16).hexdigest()
        assert (item.width, item.height) == (60, 40)
        assert item.vector.shape == (DIMENSIONS,)
        assert Image.open(io.BytesIO(item.thumbnail)).size == (60, 40)
        np.testing.assert_allclose(encoder.encode_picture(data), item.vector, atol=1e-4)


def test_photos_with_the_bytes_that_are_known_are_not_encoded(
    encoder: PhotoEncoder, tmp_path: Path
) -> None:
    photos = [save(tmp_path / "a.jpg", 1), save(tmp_path / "b.jpg", 2)]
    known = hashlib.blake2b((tmp_path / "a.jpg").read_bytes(), digest_size=16).hexdigest()
    first, second = encoder.encode(photos, [known, "another hash"])
    assert first == UnchangedPhoto(photos[0], known)
    assert isinstance(second, EncodedPhoto)


def test_nothing_but_bad_photos(encoder: PhotoEncoder, tmp_path: Path) -> None:
    [outcome] = encoder.encode([Photo(id="x", uri=str(tmp_path / "x.jpg"))], [""])
    assert isinstance(outcome, Skip)
    assert encoder.encode([], []) == []


def test_a_query_picture_that_is_none_is_told(encoder: PhotoEncoder) -> None:
    with pytest.raises(NotAPhotoError):
        encoder.encode_picture(b"no picture at all")


def test_a_text_that_is_asked_again_is_remembered(encoder: PhotoEncoder) -> None:
    vector = encoder.encode_text("red car")
    np.testing.assert_allclose(vector, encoder.model.encode_texts(["red car"])[0], atol=1e-6)
    assert encoder.encode_text("red car") is vector
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1  # it is everybody's
