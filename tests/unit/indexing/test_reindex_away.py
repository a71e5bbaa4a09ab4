"""Photos whose server or disk is away during a reindex: nothing of their quality is given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photoseek import PhotoSearch
from photoseek.errors import SilentStoreError
from photoseek.files.filestore import open_files
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindexing import reindex
from photoseek.records import Photo, ReindexReport
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.killed_reindex import picture
from tests.support.other_models import DEMO, other_model
from tests.support.pausing import PausingProxy
from tests.support.reindexed_library import PHOTOS, library_of
from tests.support.web_server import Handler, PhotoServer, running_server

FAR = 3
"""Photos that lie on a server."""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    return other_model(tmp_path_factory.mktemp("models") / "other")


class Server:
    """A server of photos that is in trouble while `is_down`."""

    def __init__(self) -> None:
        self.is_down = False
        self.server: PhotoServer

    def answer(self, handler: Handler) -> None:
        if self.is_down:
            handler.answer(503)
        else:
            number = int(handler.path.strip("/").partition(".")[0])
            handler.answer(200, picture(100 + number, side=64))

    @property
    def calls(self) -> int:
        return sum(self.server.calls.values())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES", "true")
    found = Server()
    with running_server({"": found.answer}) as found.server:
        yield found


@pytest.fixture
def library(location: str, tmp_path: Path, server: Server) -> Iterator[PhotoSearch]:
    assert server.calls == 0, "it is allowed before the library is opened"
    with library_of(location, tmp_path / "photos") as search:
        yield search


@pytest.fixture
def with_far_photos(library: PhotoSearch, server: Server) -> PhotoSearch:
    return add_far(library, server, FAR)


def add_far(library: PhotoSearch, server: Server, count: int) -> PhotoSearch:
    names = [f"{number}.jpg" for number in range(count)]
    photos = [Photo(f"far {name}", f"{server.server.url}/{name}", "1") for name in names]
    outcomes = library.index_batch(photos, [""] * count)
    assert {each.outcome for each in outcomes} == {"indexed"}, outcomes
    return library


def again(location: str, model: str, **how: Any) -> ReindexReport:
    settings = load_settings(index=location, model=model)
    return reindex(settings, model_of(settings, on_demand=True), **how)


@pytest.mark.usefixtures("with_far_photos")
def test_photos_whose_server_is_in_trouble_are_waited_for_and_no_other_is_encoded_again(
    location: str, other: str, server: Server
) -> None:
    server.is_down = True
    report = again(location, other)
    assert (report.is_switched, report.encoded, report.from_thumbnails) == (False, PHOTOS, 0)
    assert {each.id for each in report.away} == {f"far {number}.jpg" for number in range(FAR)}
    assert all("503" in each.reason for each in report.away)
    assert report.unreadable == ()
    assert open_store(location).model.name == DEMO
    server.is_down = False
    report = again(location, other)
    assert (report.is_switched, report.encoded, report.from_thumbnails) == (True, FAR, 0)
    assert (report.unchanged, report.photos, report.away) == (PHOTOS, PHOTOS + FAR, ())


@pytest.mark.usefixtures("with_far_photos")
def test_their_thumbnails_are_taken_if_that_is_said(
    location: str, other: str, server: Server
) -> None:
    server.is_down = True
    assert not again(location, other).is_switched
    report = again(location, other, from_thumbnails=True)
    assert (report.is_switched, report.encoded, report.from_thumbnails) == (True, FAR, FAR)
    assert report.away == ()


@pytest.mark.usefixtures("with_far_photos")
def test_a_server_that_is_back_before_the_end_is_asked_again(
    location: str, other: str, server: Server
) -> None:
    before, server.is_down = server.calls, True

    def mend(progress: object) -> None:
        server.is_down = server.is_down and server.calls == before

    report = again(location, other, on_progress=mend)
    assert (report.is_switched, report.from_thumbnails) == (True, 0)


def test_a_photo_that_is_gone_from_its_server_holds_nothing_up(
    library: PhotoSearch, location: str, other: str, server: Server
) -> None:
    add_far(library, server, FAR)
    server.server.routes["/0.jpg"] = lambda handler: handler.answer(404)
    report = again(location, other)
    assert (report.is_switched, report.from_thumbnails, report.away) == (True, 1, ())


def test_a_disk_that_is_not_mounted_is_waited_for(
    library: PhotoSearch, location: str, other: str, tmp_path: Path
) -> None:
    """What is left of it is a folder without anything in it."""
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    (tmp_path / "photos").mkdir()
    report = again(location, other)
    assert (report.is_switched, report.encoded, len(report.away)) == (False, 0, PHOTOS)
    assert f"There is nothing at {tmp_path / 'photos'}. Attach its disk" in report.away[0].reason
    (tmp_path / "photos").rmdir()
    assert len(again(location, other).away) == PHOTOS
    (tmp_path / "elsewhere").rename(tmp_path / "photos")
    (tmp_path / "photos" / "0.jpg").unlink()  # this one is gone for good
    report = again(location, other)
    assert (report.is_switched, report.encoded, report.from_thumbnails) == (True, PHOTOS, 1)


def test_a_bucket_that_is_away_is_waited_for(
    library: PhotoSearch, location: str, other: str, bucket: str
) -> None:
    place = open_files(f"{bucket}/photos")
    place.write("1.jpg", picture(100, side=64))
    photo = Photo("in the bucket", f"{bucket}/photos/1.jpg", "1")
    [outcome] = library.index_batch([photo], [""])
    assert outcome.outcome == "indexed", outcome
    missing = Photo("in no bucket", f"{bucket}-gone/photos/1.jpg", "1")
    stored = open_store(location).encoded([photo.id])[photo.id]
    open_store(location).upsert([replace(stored, photo=missing)])
    library.delete([photo.id])
    report = again(location, other)
    assert [each.id for each in report.away] == [missing.id]
    assert "There is no bucket" in report.away[0].reason


def test_a_server_that_is_silent_is_not_asked_for_each_of_its_photos(
    library: PhotoSearch, location: str, other: str, server: Server
) -> None:
    """A second for each would be minutes, and half a minute for each is hours."""
    many = 60
    add_far(library, server, many)
    before = server.calls
    server.is_down = True
    assert len(again(location, other).away) == many
    assert server.calls - before < 3 * many / 1.5, "three attempts for each that was tried"


def test_an_index_whose_bucket_falls_silent_is_not_waited_for_without_end(
    bucket: str, s3_url: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LanceDB alone asks a silent bucket for longer than nine minutes."""
    monkeypatch.setattr("photoseek.indexing.reindex_pass.ANSWER_SECONDS", 2.0)
    with PausingProxy(s3_url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        location = f"{bucket}/index"
        with library_of(location, tmp_path / "photos"):
            with pytest.raises(SilentStoreError, match="does not answer in time"):
                again(location, other, on_progress=lambda _: proxy.pause())
            proxy.resume()
            assert again(location, other).is_switched
