"""Downloads of photos that a stock service wants to be told of."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from photoseek.client import Client
from photoseek.records import Photo
from photoseek.settings import load_settings
from tests.support.in_process import running_service
from tests.support.stock_services import KEY, Fault, StockServer, running_stock
from tests.support.unsplash_lite import photo_routes
from tests.support.waiting import PATIENCE
from tests.support.web_server import running_server

TOLD = "/photos/images/download?ixid=M3"
SOURCE = "https://unsplash.com/photos/u0?utm_source=photoseek&utm_medium=referral"


@dataclass
class FileStore:
    http: httpx.Client
    unsplash: StockServer
    shown: str


@pytest.fixture(scope="module", params=["a key", "no key"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FileStore]:
    """A library with one photo of Unsplash, over a gateway with or without its key."""
    with running_server(photo_routes(2)) as web, running_stock() as unsplash:
        web.routes["/images"] = web.routes["/images/1"]  # the original
        unsplash.images = web.url
        settings = load_settings(
            index=str(tmp_path_factory.mktemp("index") / "index"),
            model="demo",
            allow_private_addresses=True,
            unsplash_api=unsplash.url,
            unsplash_access_key=KEY if request.param == "a key" else None,
        )
        location = f"https://api.unsplash.com{TOLD}"
        photos = [
            Photo(
                "unsplash:u0",
                f"{web.url}/images/0",
                source_url=SOURCE,
                metadata={"download_location": location},
            ),
            Photo("other", f"{web.url}/images/1"),
        ]
        with running_service(settings) as service, Client(service.url) as client:
            assert [o.outcome for o in client.index_batch(photos, ["", ""])] == [
                "indexed",
                "indexed",
            ]
            with httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as http:
                yield FileStore(http, unsplash, web.url)


@pytest.fixture
def has_key(place: FileStore, request: pytest.FixtureRequest) -> bool:
    place.unsplash.asked.clear()
    return "no key" not in request.node.name


def original(place: FileStore, photo_id: str, **parameters: int) -> httpx.Response:
    return place.http.get(f"/api/photos/{photo_id}/original", params=parameters)


def test_looking_is_not_told(place: FileStore, has_key: bool) -> None:
    assert original(place, "unsplash:u0").headers["location"] == f"{place.shown}/images/0"
    assert original(place, "other", download=1).headers["location"] == f"{place.shown}/images/1"
    assert place.unsplash.asked == []


def test_a_download_is_told_or_refused(place: FileStore, has_key: bool) -> None:
    answer = original(place, "unsplash:u0", download=1)
    if has_key:
        assert answer.status_code == 307
        assert answer.headers["location"].startswith(f"{place.shown}/images?ixid=")
        assert place.unsplash.asked == [TOLD]
        assert place.unsplash.sent[-1]["authorization"] == f"Client-ID {KEY}"
    else:
        assert answer.status_code == 502
        assert "set PHOTOSEEK_UNSPLASH_ACCESS_KEY" in answer.json()["detail"]
        assert SOURCE in answer.json()["detail"]


def test_what_unsplash_refuses_is_not_downloaded(place: FileStore, has_key: bool) -> None:
    place.unsplash.faults.append(Fault(403, b"Rate Limit Exceeded", {"X-Ratelimit-Reset": "3000"}))
    answer = original(place, "unsplash:u0", download=1)
    assert answer.status_code == 502
    assert ("allows this key no more requests" in answer.json()["detail"]) == has_key
    place.unsplash.faults.clear()


def test_a_zip_is_told_too(place: FileStore, has_key: bool) -> None:
    answer = place.http.post("/api/photos/zip", json={"ids": ["unsplash:u0", "other"]})
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    table = io.StringIO(packed.read("attributions.csv").decode("utf-8-sig"))
    first, second = csv.DictReader(table)
    assert second["problem"] == ""
    told = place.http.get(f"{place.shown}/images/1").content
    if has_key:
        assert place.unsplash.asked == [TOLD]
        assert packed.read(first["file"]) == told
    else:
        assert "set PHOTOSEEK_UNSPLASH_ACCESS_KEY" in first["problem"]
        assert packed.namelist() == [second["file"], "attributions.csv"]
