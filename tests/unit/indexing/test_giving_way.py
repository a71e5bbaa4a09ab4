"""What photos leave to the queries that the same process answers."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from photoseek.fetch import PhotoReader
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.giving_way import STEPS
from photoseek.helpers.machine import processors
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.model import ClipModel, Tower, load_model
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.photos import ImageLimits
from photoseek.plain_towers import plain_model
from photoseek.records import EncodedPhoto, Photo
from tests.support.models import save_model

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux knows of the urgency of single threads"
)


def urgency() -> int:
    """The nice value of this thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.fixture
def lower() -> int:
    if urgency() + STEPS > 19:
        pytest.skip("this process has given way already")
    return urgency() + STEPS


def test_a_thread_gives_way_with_those_that_it_starts_and_no_others(lower: int) -> None:
    def both() -> tuple[int, int]:
        return urgency(), in_background(urgency, "started by it").result()

    before = urgency()
    assert in_background(both, "behind", gives_way=True).result() == (lower, lower)
    assert in_background(both, "as it was").result() == (before, before)
    assert urgency() == before


@pytest.mark.parametrize("gives_way", [True, False])
def test_photos_give_way_where_queries_are_answered_and_texts_never_do(
    tmp_path: Path, lower: int, *, gives_way: bool
) -> None:
    urgencies: dict[str, int] = {}

    class Notes(PhotoReader):
        @override
        def read(self, uri: str) -> bytes:
            urgencies["read"] = urgency()
            return super().read(uri)

    name = save_model(tmp_path / "model")

    def load(towers: Sequence[Tower]) -> ClipModel:
        urgencies.update(dict.fromkeys(towers, urgency()))
        return load_model(name, towers=towers)

    picture = tmp_path / "red.png"
    Image.new("RGB", (40, 30), "red").save(picture)
    photo = Photo(id="red", uri=str(picture))
    behind = lower if gives_way else urgency()
    encoder = PhotoEncoder(ModelOnDemand(load), Notes(), ImageLimits(), gives_way=gives_way)
    with closing(encoder):
        encoder.encode_text("a red square")
        assert urgencies == {"text": urgency()}
        [encoded] = encoder.encode([photo], [""])
        asked = encoder.encode_picture(picture.read_bytes())
    assert isinstance(encoded, EncodedPhoto)
    assert encoded.vector @ asked == pytest.approx(1, abs=1e-4)
    assert urgencies == {"text": urgency(), "read": behind, "vision": behind}


@pytest.mark.skipif(processors() < 2, reason="a runtime has no threads of its own then")
def test_the_runtimes_threads_for_photos_give_way_and_those_for_texts_do_not(
    tmp_path: Path, lower: int
) -> None:
    def load(_: Sequence[Tower]) -> ClipModel:
        raise AssertionError("torch is not asked for")

    plain = plain_model(save_model(tmp_path / "model"))
    assert plain is not None
    model = ModelOnDemand(load, lambda: OnnxModel(DrawnModel(plain)))
    with closing(PhotoEncoder(model, PhotoReader(), ImageLimits(), gives_way=True)) as encoder:
        at_first = urgencies_of_threads()
        encoder.load(for_texts=True)
        for_texts = urgencies_of_threads()
        encoder.load()
        for_photos = urgencies_of_threads()
    assert {for_texts[thread] for thread in for_texts.keys() - at_first} == {urgency()}
    assert {for_photos[thread] for thread in for_photos.keys() - for_texts} == {lower}


def urgencies_of_threads() -> dict[str, int]:
    """The nice values of all threads of this process that live on."""
    urgencies = {}
    for each in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended since it was listed
            urgencies[each.name] = os.getpriority(os.PRIO_PROCESS, int(each.name))
    return urgencies
