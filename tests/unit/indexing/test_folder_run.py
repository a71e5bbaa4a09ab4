"""A run over a folder in the background: how it is looked at, stopped, and fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.errors import ModelError, WeightsError
from photoseek.indexing.folder_run import NO_MODEL, UNEXPECTED, FolderRun
from photoseek.records import Keep, Outcome, Photo
from photoseek.settings import Settings, load_settings
from tests.support.indexers import load_colours
from tests.support.waiting import PATIENCE

PHOTOS = 12


class HeldIndex(PhotoSearch):
    """An index whose model and batches wait until the test lets them go on."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, load_encoder=load_colours)
        self.may_load, self.may_index = threading.Event(), threading.Event()
        self.began = threading.Event()
        self.failure: Exception | None = None

    def prepare(self) -> None:
        self.may_load.wait(PATIENCE)
        if self.failure:
            raise self.failure
        self.load()

    @override
    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        self.began.set()
        assert self.may_index.wait(PATIENCE)
        return super().index_batch(photos, known_hashes, keeps)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(folder / f"{number:02}.png")
    (folder / "99.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> HeldIndex:
    given = {"index": str(tmp_path / "index"), "uploads": "off", "batch_size": 2}
    return HeldIndex(load_settings(**given))


def test_it_tells_how_it_goes(index: HeldIndex, folder: Path) -> None:
    run = FolderRun(str(folder), index, index.settings)
    assert run.view().state == "preparing"
    assert run.view().total is None
    index.may_load.set()
    assert index.began.wait(PATIENCE)
    assert run.view().state == "running"
    assert not run.is_over
    index.may_index.set()
    run.ended.result(PATIENCE)
    view = run.view()
    assert (view.state, view.indexed, view.skipped) == ("done", PHOTOS, 1)
    assert (view.total, view.done) == (PHOTOS + 1, PHOTOS + 1)
    assert [Path(skip.uri).name for skip in view.left_out] == ["99.jpg"]
    assert run.is_over


def test_stopped_it_keeps_what_is_under_way_and_sends_no_more(
    index: HeldIndex, folder: Path
) -> None:
    index.may_load.set()
    run = FolderRun(str(folder), index, index.settings)
    assert index.began.wait(PATIENCE)
    run.stop()
    assert run.view().state == "stopping"
    index.may_index.set()
    run.ended.result(PATIENCE)
    view = run.view()
    assert view.state == "stopped"
    assert 2 <= view.indexed <= 6, "at most the three batches that were under way"
    assert index.status().photos == view.indexed

    rest = FolderRun(str(folder), index, index.settings)
    rest.ended.result(PATIENCE)
    assert rest.view().unchanged == view.indexed
    assert index.status().photos == PHOTOS


def test_it_stops_while_it_waits_for_the_model(index: HeldIndex, folder: Path) -> None:
    run = FolderRun(str(folder), index, index.settings)
    run.stop()
    run.ended.result(PATIENCE)
    assert run.view().state == "stopped"
    assert not index.began.is_set()
    index.may_load.set()


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ModelError("The device is not there."), "The device is not there."),
        (WeightsError("The weights are away."), f"{NO_MODEL} The weights are away."),
        (ZeroDivisionError(), UNEXPECTED),
    ],
)
def test_it_says_why_it_failed(
    index: HeldIndex, folder: Path, failure: Exception, told: str
) -> None:
    index.failure = failure
    index.may_load.set()
    run = FolderRun(str(folder), index, index.settings)
    run.ended.result(PATIENCE)
    assert (run.view().state, run.view().error) == ("failed", told)
