"""A folder of the gateway's machine is chosen and indexed over HTTP, in process and by a Flow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.demo.library import write_library
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.source_run import index_source
from photoseek.settings import Settings, load_settings
from tests.support.in_process import running
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.xdist_group("flow")  # where what Flows are forked from runs already

PHOTOS = 6
API = "/api/local"
alone = pytest.mark.parametrize("kind", ["in-process"])
"""For what asks no part of a Flow, or asks of it what other tests have asked."""

ENDS = ("done", "stopped", "failed")


@dataclass(frozen=True)
class Place:
    """An empty gateway over a folder of photos."""

    http: httpx.Client
    url: str
    settings: Settings
    photos: Path

    def folder(self, path: Path | str) -> httpx.Response:
        return self.http.post(f"{API}/folders", json={"path": str(path)})

    def begin(self, path: Path | str) -> httpx.Response:
        return self.http.post(f"{API}/run", json={"path": str(path)})

    def run(self) -> dict[str, Any]:
        run: dict[str, Any] = self.http.get(f"{API}/run").json()["run"]
        return run

    def indexed(self, path: Path | str) -> dict[str, Any]:
        """The run over a folder, when it has ended."""
        answer = self.begin(path)
        assert answer.status_code == 202, answer.text
        return self.ended()

    def ended(self) -> dict[str, Any]:
        wait_until(lambda: self.run()["state"] in ENDS, "the run to end")
        return self.run()


@pytest.fixture
def place(kind: str, tmp_path: Path) -> Iterator[Place]:
    photos = tmp_path / "photos"
    write_library(photos, count=PHOTOS)
    for table in photos.glob("*.csv"):
        table.unlink()
    settings = load_settings(
        index=str(tmp_path / "index"), model="demo", uploads=str(tmp_path / "uploads")
    )
    with (
        running(kind, settings) as service,
        httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as http,
    ):
        yield Place(http, service.url, settings, photos)


def test_a_folder_is_found_indexed_and_searched(place: Place) -> None:
    (place.photos / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    (place.photos / "film.mp4").write_bytes(b"film")
    (place.photos / ".hidden.jpg").write_bytes(b"")
    assert place.http.get("/api/stats").json()["folders"] is True
    assert place.http.get(f"{API}/run").json() == {"run": None}
    begin = place.folder("").json()
    assert begin["path"] == ""
    assert begin["folders"]
    above = place.folder(place.photos.parent).json()
    [found] = [each for each in above["folders"] if each["name"] == "photos"]
    assert (found["photos"], found["is_exact"]) == (PHOTOS + 1, True)
    assert place.folder(found["path"]).json()["photos"] == PHOTOS + 1

    run = place.indexed(found["path"])
    assert run["state"] == "done", run
    assert (run["indexed"], run["skipped"], run["total"]) == (PHOTOS, 1, PHOTOS + 1)
    [left_out] = run["left_out"]
    assert left_out["uri"] == str(place.photos / "broken.jpg")
    assert left_out["reason"]
    assert "mp4 1" in run["not_read"]
    assert run["seconds_left"] is None
    assert run["seconds"] > 0
    assert not run["error"]
    assert place.http.get("/api/search?q=car").json()["total"] == PHOTOS

    run = place.indexed(found["path"])
    assert (run["indexed"], run["unchanged"], run["skipped"]) == (0, PHOTOS, 1)

    # It is told until somebody puts it away, to whoever opens the page.
    assert place.run() == run
    assert place.http.delete(f"{API}/run").status_code == 204
    assert place.http.get(f"{API}/run").json() == {"run": None}


@alone
def test_it_is_the_same_as_on_the_command_line(place: Place) -> None:
    assert place.indexed(place.photos)["state"] == "done"
    listed = open_inventory(place.settings.index, str(place.photos)).listed()
    assert {each.uri for each in listed} == set(map(str, place.photos.glob("*.jpg")))
    with Client(place.url) as client:
        report = client.index(place.photos, settings=place.settings)
    assert (report.indexed, report.unchanged) == (0, PHOTOS)

    [gone, *_] = sorted(place.photos.glob("*.jpg"))
    shutil.copy(gone, place.photos / "new.jpg")
    gone.unlink()
    again = place.indexed(place.photos)
    assert (again["indexed"], again["unchanged"]) == (1, PHOTOS - 1)
    with Client(place.url) as client:
        report = client.index(place.photos, settings=place.settings, prune=True)
    assert (report.unchanged, report.removed) == (PHOTOS, 1)


@pytest.mark.parametrize("by", ["page", "client"])
def test_the_first_folder_of_a_place_where_nothing_is_yet(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever runs `serve` for the first time has it: not even the folder of the index."""
    photos, here = tmp_path / "photos", tmp_path / "here"
    write_library(photos, count=PHOTOS)
    here.mkdir()
    monkeypatch.chdir(here)
    settings = load_settings(model="demo")
    with (
        running("in-process", settings) as service,
        httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as http,
    ):
        if by == "page":
            run = Place(http, service.url, settings, photos).indexed(photos)
            assert (run["state"], run["indexed"]) == ("done", PHOTOS), run
        with Client(service.url) as client:
            report = client.index(photos, settings=settings)
    assert (report.indexed, report.unchanged) == {"page": (0, PHOTOS), "client": (PHOTOS, 0)}[by]
    assert (here / "data" / "index").is_dir()


@alone
def test_what_cannot_be_indexed_says_why(place: Place, tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "nowhere", "There is no folder"),
        ("/", "whole machine"),
        ("/proc", "what the system tells of itself"),
        ("photos", "write its whole path"),
    ):
        answer = place.begin(path)
        assert answer.status_code == 422
        assert reason in answer.json()["detail"]
    assert place.http.get(f"{API}/run").json() == {"run": None}
    for body in ({}, {"path": "x" * 5000}, {"path": 7}, {"path": str(tmp_path), "more": 1}):
        assert place.http.post(f"{API}/run", json=body).status_code == 422
    (tmp_path / "empty").mkdir()
    failed = place.indexed(tmp_path / "empty")
    assert failed["state"] == "failed"
    assert "holds no photos" in failed["error"]
    assert place.http.post(f"{API}/run/stop").json()["state"] == "failed"


@alone
def test_the_index_itself_is_left_alone(place: Place) -> None:
    """It lies beside the photos, and its thumbnails are pictures too."""
    above = place.photos.parent
    assert place.indexed(above)["indexed"] == PHOTOS
    again = place.indexed(above)
    assert (again["indexed"], again["unchanged"], again["skipped"]) == (0, PHOTOS, 0)
    assert place.indexed(place.settings.index)["state"] == "failed"


@alone
def test_nothing_was_begun_and_nothing_is_stopped(place: Place) -> None:
    assert place.http.post(f"{API}/run/stop").status_code == 404
    assert place.http.delete(f"{API}/run").status_code == 204


@alone
def test_deleted_photos_stay_out_and_are_told(place: Place) -> None:
    place.indexed(place.photos)
    [photo, *_] = place.http.get("/api/search").json()["hits"]
    assert place.http.delete(photo["links"]["self"]).status_code == 204
    run = place.indexed(place.photos)
    assert (run["deleted"], run["unchanged"]) == (1, PHOTOS - 1)


@alone
def test_photos_of_an_index_that_was_made_before_stay(place: Place, drawings: Path) -> None:
    with Client(place.url) as client:
        index_source(str(drawings), client, place.settings, limit=3)
    assert place.indexed(place.photos)["indexed"] == PHOTOS
    with PhotoSearch(place.settings) as search:
        assert search.status().photos == PHOTOS + 3
