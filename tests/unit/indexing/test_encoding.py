"""From photos to vectors, without Jina."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoseek.errors import NotAPhotoError
from photoseek.fetch import PhotoReader
from photoseek.files.filestore import open_files
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.picture_texts import PictureTexts, picture_texts_of
from photoseek.indexing.results import UnchangedPhoto
from photoseek.model import load_model
from photoseek.photos import ImageLimits, decode
from photoseek.records import (
    UNREAD,
    EncodedPhoto,
    Photo,
    PictureText,
    Pixels,
    Skip,
    TextLine,
    Traits,
    content_hash,
)
from photoseek.settings import EncoderSettings
from tests.support.models import DIMENSIONS, save_model
from tests.support.servers import HeldBackPhoto
from tests.support.text_reader import KnowsWords, png, sign
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, PhotoServer, running_server


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


def test_of_one_id_in_a_batch_the_first_counts(encoder: PhotoEncoder, tmp_path: Path) -> None:
    first, other = save(tmp_path / "a.jpg", 1), save(tmp_path / "b.jpg", 2)
    same = Photo(id=first.id, uri=other.uri)
    encoded, skip, unchanged = encoder.encode(
        [first, same, other], ["", "", content_hash(Path(other.uri).read_bytes())]
    )
    assert isinstance(encoded, EncodedPhoto)
    assert encoded.photo == first
    assert skip == Skip(other.uri, "The photo is left out: another one in this batch has the id a.")
    assert isinstance(unchanged, UnchangedPhoto)


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
        assert item.traits == decode(data, encoder.model.input_shape, ImageLimits()).traits
        assert item.traits.phash
        np.testing.assert_allclose(encoder.encode_picture(data), item.vector, atol=1e-4)


def test_photos_with_the_bytes_that_are_known_are_not_encoded(
    encoder: PhotoEncoder, tmp_path: Path
) -> None:
    photos = [save(tmp_path / "a.jpg", 1), save(tmp_path / "b.jpg", 2)]
    known = hashlib.blake2b((tmp_path / "a.jpg").read_bytes(), digest_size=16).hexdigest()
    first, second = encoder.encode(photos, [known, "another hash"])
    assert first == UnchangedPhoto(photos[0], known, Traits())
    assert isinstance(second, EncodedPhoto)


def test_photos_whose_bytes_are_known_by_their_version_are_not_even_read(
    encoder: PhotoEncoder,
) -> None:
    gone = Photo("a", "/nowhere/a.jpg", "1", folder="Travel")
    assert encoder.encode([gone], [f"{UNREAD}{'0' * 32}"]) == [UnchangedPhoto(gone, "0" * 32)]


def test_no_more_of_the_pixels_is_handed_on_than_is_kept(
    encoder: PhotoEncoder, tmp_path: Path
) -> None:
    photo = save(tmp_path / "a.jpg", 1)
    photos = [replace(photo, id=name) for name in ("a", "b", "c")]
    none, small, whole = encoder.encode(photos, [""] * 3, ["none", "thumbnail", "original"])
    assert isinstance(none, EncodedPhoto)
    assert isinstance(small, EncodedPhoto)
    assert isinstance(whole, EncodedPhoto)
    assert [item.keep for item in (none, small, whole)] == ["none", "thumbnail", "original"]
    assert [bool(item.thumbnail) for item in (none, small, whole)] == [False, True, True]
    assert none.traits == small.traits == whole.traits
    data = (tmp_path / "a.jpg").read_bytes()
    assert [item.original for item in (none, small, whole)] == [b"", b"", data]


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


@contextmanager
def many_at_once(picture: bytes, expected: int) -> Iterator[PhotoServer]:
    """A server that answers with a picture, but only once that many have asked."""
    gate = threading.Barrier(expected)

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        with suppress(threading.BrokenBarrierError):  # then the test sees an outcome less
            gate.wait(PATIENCE)
            handler.answer(200, picture)

    with running_server({"": answer}) as server:
        yield server


def test_more_photos_are_fetched_than_are_decoded_at_a_time(tmp_path: Path) -> None:
    model = load_model(save_model(tmp_path / "model"))
    local = [save(tmp_path / f"{number}.jpg", number) for number in range(4)]
    with many_at_once(Path(local[0].uri).read_bytes(), 24) as server:
        remote = [Photo(id=f"r{n}", uri=f"{server.url}/{n}.jpg") for n in range(24)]
        reader = PhotoReader(allow_private_addresses=True)
        encoder = PhotoEncoder(model, reader, ImageLimits(), threads=2, fetch_threads=24)
        try:
            mixed = [*remote[:10], *local, *remote[10:]]
            outcomes = encoder.encode(mixed, [""] * len(mixed))
        finally:
            encoder.close()
    assert [outcome.photo for outcome in outcomes if isinstance(outcome, EncodedPhoto)] == mixed


def test_photos_from_a_bucket(encoder: PhotoEncoder, bucket: str, tmp_path: Path) -> None:
    local = save(tmp_path / "a.jpg", 1)
    data = Path(local.uri).read_bytes()
    open_files(bucket).write("a.jpg", data)
    there = Photo(id="there", uri=f"{bucket}/a.jpg")
    gone = Photo(id="gone", uri=f"{bucket}/gone.jpg")
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    here, remote, missing = encoder.encode([local, there, gone], [""] * 3)
    assert isinstance(here, EncodedPhoto)
    assert isinstance(remote, EncodedPhoto)
    assert remote.content_hash == here.content_hash == digest
    assert missing == Skip(gone.uri, "There is no such object. It was moved or deleted.")
    assert encoder.encode([there], [digest]) == [UnchangedPhoto(there, digest, Traits())]


def test_large_photos_take_turns_and_all_are_encoded(tmp_path: Path) -> None:
    model = load_model(save_model(tmp_path / "model"))
    colours = ["red", "green", "blue", "white", "black", "yellow"]
    photos = []
    for colour in colours:
        path = tmp_path / f"{colour}.png"
        Image.new("RGBA", (2_000, 2_000), colour).save(path)  # 36 MB of memory each
        photos.append(Photo(id=colour, uri=str(path)))
    limits = ImageLimits(max_megabytes=1, max_megapixels=4)  # 81 MB for all of them together
    encoder = PhotoEncoder(model, PhotoReader(), limits, threads=6)
    try:
        outcomes = encoder.encode(photos, [""] * len(photos))
    finally:
        encoder.close()
    found = [out.traits.colours for out in outcomes if isinstance(out, EncodedPhoto)]
    assert found == [(colour,) for colour in colours]


def test_what_nobody_expected_is_that_photos_alone(
    encoder: PhotoEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = save(tmp_path / "good.jpg", 1), save(tmp_path / "bad.jpg", 2)
    read = PhotoReader.read

    def failing(reader: PhotoReader, uri: str) -> bytes:
        if uri == bad.uri:
            raise RecursionError("deep down")
        return read(reader, uri)

    monkeypatch.setattr(PhotoReader, "read", failing)
    outcomes = encoder.encode([bad, good], ["", ""])
    assert outcomes[0] == Skip(bad.uri, "Photo cannot be used (RecursionError: deep down).")
    assert isinstance(outcomes[1], EncodedPhoto)


def test_who_stops_in_the_middle_hears_nothing_of_photos_that_were_on_their_way(
    tmp_path: Path, held_back: HeldBackPhoto, caplog: pytest.LogCaptureFixture
) -> None:
    reader = PhotoReader(allow_private_addresses=True, timeout_seconds=PATIENCE)
    encoder = PhotoEncoder(load_model(save_model(tmp_path / "model")), reader, ImageLimits())
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(encoder.encode, [Photo(id="late", uri=held_back.url)], [""])
        assert held_back.asked.wait(PATIENCE)
        encoder.close()
        held_back.allowed.set()
        with pytest.raises(CancelledError):
            late.result(PATIENCE)
    assert not caplog.records


def test_text_is_read_beside_the_model_and_fails_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Fails(KnowsWords):
        def lines(self, pixels: Pixels) -> Iterator[TextLine]:
            if pixels.shape[0] == 300:
                raise ValueError("such a picture I do not know")
            return super().lines(pixels)

    model = load_model(save_model(tmp_path / "model"))
    texts = PictureTexts(Fails, ImageLimits())
    photos = []
    for name, picture in {
        "sale": sign("SUMMER SALE", "EXIT"),
        "empty": sign(),
        "odd": sign("EXIT", size=(300, 300)),
    }.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(png(picture))
        photos.append(Photo(id=name, uri=str(path)))
    with closing(PhotoEncoder(model, PhotoReader(), ImageLimits(), picture_texts=texts)) as encoder:
        assert encoder.reads_text
        outcomes = encoder.encode(photos, [""] * len(photos))
    sale, empty, odd = (each for each in outcomes if isinstance(each, EncodedPhoto))
    assert sale.text is not None
    assert sale.text.text == "SUMMER SALE\nEXIT"
    assert empty.text == PictureText("knows words 1")
    assert odd.text is None
    assert "such a picture I do not know" in caplog.text


def test_text_is_read_only_where_that_is_wanted() -> None:
    settings = EncoderSettings.model_construct(ocr=False)
    assert picture_texts_of(settings, ImageLimits()) is None
