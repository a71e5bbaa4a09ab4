"""An index gets another model while a cluster encodes for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photoseek import PhotoSearch
from photoseek.cluster.cluster_index import ClusterIndex
from photoseek.cluster.work_order import order_for
from photoseek.cluster.workers import Workers
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindexing import reindex
from photoseek.indexing.run import index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.records import Photo, ReindexReport
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.other_models import DEMO, DIMENSIONS, other_model
from tests.support.pictures import drawing, saved
from tests.support.ray_in_process import RayInProcess

PHOTOS = 24
VERSION = "1.2"


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    paths = [tmp_path / f"{width}.jpg" for width in range(64, 64 + PHOTOS)]
    for width, path in enumerate(paths, start=64):
        path.write_bytes(saved(drawing(width), "JPEG"))
    return [Photo(path.stem, str(path), "1") for path in paths]


@pytest.fixture
def library(tmp_path: Path, photos: list[Photo]) -> Iterator[PhotoSearch]:
    settings = load_settings(index=str(tmp_path / "index"), model=DEMO, batch_size=2)
    with PhotoSearch(settings) as library:
        library.index_batch(photos[:2], [""] * 2)
        yield library


def by_now(library: PhotoSearch) -> Any:
    settings = library.settings.model_copy(update={"model": None})
    return lambda: order_for(settings)


def test_the_rest_is_encoded_by_the_new_model(
    library: PhotoSearch, photos: list[Photo], tmp_path: Path
) -> None:
    name = other_model(tmp_path / "other")
    again = load_settings(index=library.location, model=name)
    switched: list[ReindexReport] = []

    def switch(progress: IndexProgress) -> None:
        if progress.done > 4 and not switched:
            switched.append(reindex(again, model_of(again, on_demand=True)))

    ray = RayInProcess({"CPU": 1.0}, {"CPU": 1.0})
    workers = Workers(
        ray, order_for(library.settings), VERSION, order_now=by_now(library), look_every=0.02
    )
    workers.begin()
    try:
        here = ClusterIndex(library, workers)
        report = index_photos(photos, here, batch_size=2, in_flight=3, on_progress=switch)
    finally:
        workers.end()
    assert (report.indexed, report.unchanged, report.skipped) == (PHOTOS - 2, 2, ())
    assert 2 < switched[0].photos < PHOTOS, "some were there before, some came after"
    store = open_store(library.location)
    assert (store.model.name, store.count()) == (name, PHOTOS)
    found = store.encoded(photo.id for photo in photos)
    assert {each.vector.shape for each in found.values()} == {(DIMENSIONS,)}
    assert here.crashing == []
    assert all(actor.dead.is_set() for actor in ray.actors)


def test_encoders_with_the_model_of_the_index_stay(library: PhotoSearch) -> None:
    ray = RayInProcess({"CPU": 1.0})
    workers = Workers(ray, order_for(library.settings), VERSION, order_now=by_now(library))
    workers.begin()
    try:
        workers.follow()
        assert [actor.dead.is_set() for actor in ray.actors] == [False]
    finally:
        workers.end()
