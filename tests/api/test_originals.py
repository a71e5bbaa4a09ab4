"""Originals of photos that lie in S3, on the web, on this disk, and in the index.

In one process: that a Flow gives the same bytes is shown in tests/contract/test_photo_search.py.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from photoseek.client import Client
from photoseek.files.filestore import open_files
from photoseek.records import Keep, Photo
from photoseek.settings import load_settings
from tests.support.in_process import running_service
from tests.support.unsplash_lite import photo_routes
from tests.support.waiting import PATIENCE
from tests.support.web_server import running_server

KEYS = {"plain": "a.jpg", "odd": "deep/b c+%20ü🌅&.jpg", "bare": "no extension"}


@dataclass
class Library:
    http: httpx.Client
    shown: str
    pictures: dict[str, bytes]


@pytest.fixture
def library(bucket: str, tmp_path: Path) -> Iterator[Library]:
    """Photos that lie in three kinds of places, most of which are gone when the test begins."""
    with running_server(photo_routes(6)) as web:
        pictures = [httpx.get(f"{web.url}/images/{n}", trust_env=False).content for n in range(6)]
        place = open_files(bucket)
        for key in (*KEYS.values(), "gone.jpg"):
            place.write(key, pictures[0])  # without a content type of its own
        file = tmp_path / "file.jpg"
        file.write_bytes(pictures[1])
        photos: list[tuple[Photo, Keep, bytes]] = [
            *(
                (Photo(name, f"{bucket}/{key}"), "thumbnail", pictures[0])
                for name, key in KEYS.items()
            ),
            (Photo("gone object", f"{bucket}/gone.jpg"), "original", pictures[0]),
            (Photo("gone file", str(file)), "original", pictures[1]),
            (Photo("gone url", f"{web.url}/images/2?w=640"), "original", pictures[2]),
            (Photo("not kept", f"{web.url}/images/3"), "thumbnail", pictures[3]),
            (Photo("pexels:1", f"{web.url}/images/4"), "original", pictures[4]),
            (Photo("unsplash:1", f"{web.url}/images/5"), "original", pictures[5]),
        ]
        settings = load_settings(
            index=str(tmp_path / "index"), model="demo", allow_private_addresses=True
        )
        with running_service(settings) as service, Client(service.url) as client:
            keeps = [keep for _, keep, _ in photos]
            outcomes = client.index_batch(
                [photo for photo, _, _ in photos], [""] * len(photos), keeps
            )
            assert {outcome.outcome for outcome in outcomes} == {"indexed"}
            place.remove(["gone.jpg"])
            file.unlink()
            web.shutdown()
            web.server_close()
            with httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as http:
                yield Library(http, web.url, {photo.id: picture for photo, _, picture in photos})


def test_originals(library: Library) -> None:
    _s3_is_told_to_have_photos_saved(library)
    _what_is_kept_comes_from_the_index(library)
    _what_is_not_kept_or_of_a_stock_service_is_looked_for_where_it_lies(library)
    _a_zip_has_what_can_be_had(library)


def original(library: Library, photo_id: str, **parameters: int) -> httpx.Response:
    return library.http.get(f"/api/photos/{photo_id}/original", params=parameters)


def _s3_is_told_to_have_photos_saved(library: Library) -> None:
    for photo_id, key in KEYS.items():
        direct = library.http.get(f"/api/photos/{photo_id}").json()["links"]["direct"]
        assert "response-content" not in direct, "an ordinary link"
        for parameters, opened in (({}, "inline"), ({"download": 1}, "attachment")):
            redirect = original(library, photo_id, **parameters)
            assert (redirect.status_code, redirect.headers["cache-control"]) == (307, "no-store")
            answer = httpx.get(redirect.headers["location"], trust_env=False)
            assert (answer.status_code, answer.content) == (200, library.pictures[photo_id])
            assert answer.headers["content-type"] == "image/jpeg"
            told, _, name = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
            assert (told, unquote(name)) == (opened, key.rpartition("/")[2])


def _what_is_kept_comes_from_the_index(library: Library) -> None:
    names = {"gone object": "gone.jpg", "gone file": "file.jpg", "gone url": "2"}
    for photo_id, name in names.items():
        for parameters, opened in (({}, "inline"), ({"download": 1}, "attachment")):
            answer = original(library, photo_id, **parameters)
            assert (answer.status_code, answer.content) == (200, library.pictures[photo_id])
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.headers["content-disposition"] == f"{opened}; filename*=UTF-8''{name}"


def _what_is_not_kept_or_of_a_stock_service_is_looked_for_where_it_lies(library: Library) -> None:
    for photo_id, path in (("not kept", 3), ("pexels:1", 4), ("unsplash:1", 5)):
        answer = original(library, photo_id)
        assert (answer.status_code, answer.headers["location"]) == (
            307,
            f"{library.shown}/images/{path}",
        )
    assert original(library, "pexels:1", download=1).status_code == 307
    refused = original(library, "unsplash:1", download=1)
    assert refused.status_code == 502, "Unsplash could not be told"


def _a_zip_has_what_can_be_had(library: Library) -> None:
    wanted = list(library.pictures)
    answer = library.http.post("/api/photos/zip", json={"ids": wanted})
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.testzip() is None
    table = csv.DictReader(io.StringIO(packed.read("attributions.csv").decode("utf-8-sig")))
    missing = {}
    for row in table:
        if row["problem"]:
            missing[row["id"]] = row["problem"]
        else:
            assert packed.read(row["file"]) == library.pictures[row["id"]]
    assert set(missing) == {"not kept", "pexels:1", "unsplash:1"}
    assert "PHOTOSEEK_UNSPLASH_ACCESS_KEY" in missing["unsplash:1"]
