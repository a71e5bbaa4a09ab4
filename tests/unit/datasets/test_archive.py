from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from photoseek.datasets import archive
from photoseek.errors import SourceError
from photoseek.helpers.retry import Pauses
from tests.support.unsplash_lite import ArchiveRoute, lite_archive
from tests.support.web_server import PhotoServer, running_server

DATA = lite_archive("http://photos.example", 200)

fetch_archive = partial(archive.fetch_archive, pauses=Pauses(first=0.01))


@pytest.fixture
def route() -> ArchiveRoute:
    return ArchiveRoute(DATA)


@pytest.fixture
def server(route: ArchiveRoute) -> Iterator[PhotoServer]:
    with running_server({"/lite.zip": route}) as server:
        server.routes["/latest"] = lambda h: h.answer(302, Location="/lite.zip")
        yield server


def test_it_arrives_and_is_not_fetched_again(server: PhotoServer, tmp_path: Path) -> None:
    path = tmp_path / "raw" / "lite.zip"
    seen: list[tuple[int, int | None]] = []
    assert fetch_archive(server.url + "/latest", path, on_progress=lambda *pair: seen.append(pair))
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [entry.name for entry in path.parent.iterdir()] == ["lite.zip"]
    assert not fetch_archive(server.url + "/latest", path)
    assert server.calls == {"/latest": 1, "/lite.zip": 1}


def test_a_broken_connection_is_gone_on_with(
    server: PhotoServer, route: ArchiveRoute, tmp_path: Path
) -> None:
    route.cut_after = 1000
    fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert (tmp_path / "lite.zip").read_bytes() == DATA
    assert route.ranges == ["", "bytes=1000-"]


def test_an_interrupted_run_is_gone_on_with(
    server: PhotoServer, route: ArchiveRoute, tmp_path: Path
) -> None:
    (tmp_path / "lite.zip.part").write_bytes(DATA[:777])
    (tmp_path / "lite.zip.part.version").write_text('"one"')
    fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert (tmp_path / "lite.zip").read_bytes() == DATA
    assert route.ranges == ["bytes=777-"]


def test_a_run_interrupted_at_the_very_end(
    server: PhotoServer, route: ArchiveRoute, tmp_path: Path
) -> None:
    (tmp_path / "lite.zip.part").write_bytes(DATA)
    (tmp_path / "lite.zip.part.version").write_text('"one"')
    fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert (tmp_path / "lite.zip").read_bytes() == DATA


@pytest.mark.parametrize("version", ['"another"', None])
def test_the_rest_of_another_file_is_not_joined_to_it(
    server: PhotoServer, tmp_path: Path, version: str | None
) -> None:
    (tmp_path / "lite.zip.part").write_bytes(b"x" * 777)
    if version:
        (tmp_path / "lite.zip.part.version").write_text(version)
    fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert (tmp_path / "lite.zip").read_bytes() == DATA


@pytest.mark.parametrize("damage", ["middle", "end", "page"])
def test_a_damaged_archive_is_told_and_removed(
    server: PhotoServer, route: ArchiveRoute, tmp_path: Path, damage: str
) -> None:
    middle = len(DATA) // 2
    route.data = {
        "middle": DATA[:middle] + bytes([DATA[middle] ^ 255]) + DATA[middle + 1 :],
        "end": DATA[:-100],
        "page": b"<!doctype html>",
    }[damage]
    with pytest.raises(SourceError, match="no sound ZIP file"):
        fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert not (tmp_path / "lite.zip").exists()
    assert not (tmp_path / "lite.zip.part").exists()
    route.data, route.etag = DATA, '"two"'
    fetch_archive(server.url + "/lite.zip", tmp_path / "lite.zip")
    assert (tmp_path / "lite.zip").read_bytes() == DATA


def test_passing_trouble_is_tried_again(server: PhotoServer, tmp_path: Path) -> None:
    server.routes["/busy"] = lambda h: (
        h.answer(503) if h.server.calls["/busy"] < 3 else h.answer(302, Location="/lite.zip")
    )
    fetch_archive(server.url + "/busy", tmp_path / "lite.zip")
    assert server.calls["/busy"] == 3


@pytest.mark.parametrize(
    ("path", "words", "calls"),
    [
        ("/missing", "answers 404 Not Found", 1),
        ("/500", "cannot be fetched .*500.*goes on where it stopped", archive.ATTEMPTS),
        ("/loop", "cannot be fetched", archive.ATTEMPTS * 6),
    ],
)
def test_lasting_trouble_is_told(
    server: PhotoServer, tmp_path: Path, path: str, words: str, calls: int
) -> None:
    with pytest.raises(SourceError, match=words):
        fetch_archive(server.url + path, tmp_path / "lite.zip")
    assert server.calls[path] == calls


@pytest.mark.parametrize("url", ["ftp://example.com/x.zip", "not a url", "http://[:::1/"])
def test_urls_that_are_none(tmp_path: Path, route: ArchiveRoute, url: str) -> None:
    with pytest.raises(SourceError):
        fetch_archive(url, tmp_path / "lite.zip")


def test_a_place_that_cannot_be_written(server: PhotoServer, tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("in the way")
    with pytest.raises(SourceError, match="cannot be written"):
        fetch_archive(server.url + "/lite.zip", tmp_path / "raw" / "lite.zip")
