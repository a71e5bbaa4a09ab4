"""Photos of a service pause while a text is searched for; their vectors do not change."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typing_extensions import override

from photoseek.fetch import PhotoReader
from photoseek.helpers import giving_way
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.pausing import Pauses
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.model import ClipModel, load_model
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.photos import ImageLimits
from photoseek.plain_towers import plain_model
from photoseek.records import EncodedPhoto, Photo
from photoseek.search import query_encoder
from photoseek.search.grammar import QueryPart
from photoseek.search.query_encoder import QueryEncoder, photos_pause
from tests.support.models import save_model
from tests.support.waiting import PATIENCE, wait_until

PHOTOS = 9


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(name: str) -> ClipModel:
    return load_model(name)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Pauses that no test waits the end of."""
    pauses = Pauses(1000)
    for module in (giving_way, query_encoder):
        monkeypatch.setattr(module, "PAUSES", pauses)
    return pauses


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    random = np.random.default_rng(0)
    made = []
    for number in range(PHOTOS):
        path = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(0, 256, (40, 30, 3), np.uint8)).save(path)
        made.append(Photo(id=str(number), uri=str(path)))
    return made


def encoder_of(
    model: ClipModel | ModelOnDemand, *, gives_way: bool, reader: PhotoReader | None = None
) -> PhotoEncoder:
    return PhotoEncoder(model, reader or PhotoReader(), ImageLimits(), gives_way=gives_way)


def vectors_of(encoder: PhotoEncoder, photos: list[Photo]) -> list[list[float]]:
    encoded = encoder.encode(photos, [""] * len(photos))
    return [each.vector.tolist() for each in encoded if isinstance(each, EncodedPhoto)]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_photos_wait_for_who_asks_and_get_the_same_vectors(
    model: ClipModel, photos: list[Photo], pauses: Pauses, threads: ThreadPoolExecutor
) -> None:
    with closing(encoder_of(model, gives_way=False)) as encoder:
        expected = vectors_of(encoder, photos)
    with closing(encoder_of(model, gives_way=True)) as encoder:
        with pauses.asked():
            waits = threads.submit(vectors_of, encoder, photos)
            wait_until(lambda: pauses.pausing > 0 and pauses.all_is_still, "threads that pause")
            assert not waits.done()
        assert waits.result(PATIENCE) == expected
    assert len(expected) == PHOTOS


def test_photos_whose_process_does_nothing_else_wait_for_nobody(
    model: ClipModel, photos: list[Photo], pauses: Pauses, threads: ThreadPoolExecutor
) -> None:
    with closing(encoder_of(model, gives_way=False)) as encoder, pauses.asked():
        assert len(threads.submit(vectors_of, encoder, photos).result(PATIENCE)) == PHOTOS


@pytest.mark.parametrize("runtime", ["torch", "ONNX Runtime"])
def test_a_batch_pauses_inside_of_the_tower(
    runtime: str, name: str, model: ClipModel, pauses: Pauses, threads: ThreadPoolExecutor
) -> None:
    tower: ClipModel | OnnxModel = model
    if runtime != "torch":
        plain = plain_model(name)
        assert plain is not None
        tower = OnnxModel(DrawnModel(plain))
        tower.load()
    pixels = list(np.random.default_rng(0).integers(0, 256, (PHOTOS, 32, 32, 3), np.uint8))
    expected = tower.encode_images(pixels)
    with pauses.asked():
        behind = in_background(lambda: tower.encode_images(pixels), "tower", gives_way=True)
        wait_until(lambda: pauses.pausing > 0 and pauses.all_is_still, "threads that pause")
        assert not behind.done()
        tower.encode_texts(["a red square"])
    assert np.array_equal(behind.result(PATIENCE), expected)


def test_a_picture_that_is_searched_with_waits_for_no_photos_that_wait_for_it(
    model: ClipModel, photos: list[Photo], pauses: Pauses, threads: ThreadPoolExecutor
) -> None:
    data = Path(photos[0].uri).read_bytes()
    with closing(encoder_of(model, gives_way=True)) as encoder:
        run = threads.submit(vectors_of, encoder, photos)
        QueryEncoder(encoder).encode([QueryPart.of(text="red"), QueryPart.of(image=data)])
        with photos_pause([QueryPart.of(image=data)]):
            assert not pauses.wanted
        assert len(run.result(PATIENCE)) == PHOTOS
    with photos_pause([QueryPart.of(text="red")]):
        assert pauses.wanted


def test_a_text_has_photos_pause_until_it_is_encoded_or_fails(
    model: ClipModel, pauses: Pauses
) -> None:
    wanted: list[bool] = []

    class Fails(PhotoEncoder):
        @override
        def encode_text(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
            wanted.append(pauses.wanted)
            if text == "fails":
                raise ValueError(text)
            return super().encode_text(text)

    with closing(Fails(model, PhotoReader(), ImageLimits())) as encoder:
        QueryEncoder(encoder).encode([QueryPart.of(text="red")])
        assert (wanted, pauses.wanted) == ([True], False)
        with pytest.raises(ValueError, match="fails"):
            QueryEncoder(encoder).encode([QueryPart.of(text="fails")])
    assert (wanted, pauses.wanted) == ([True, True], False)
