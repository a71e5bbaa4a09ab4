"""Thumbnails for screens with many pixels, which are made of originals when they are asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from photoseek import PhotoSearch
from photoseek.records import Keep, Photo
from photoseek.settings import load_settings
from tests.support.in_process import running_service
from tests.support.pictures import saved
from tests.support.web_server import running_server

KEEPS: dict[str, Keep] = {"kept": "original", "bare": "none"}

UPRIGHT = 6
"""The EXIF orientation of a picture that lies on its side."""


def picture(width: int, height: int, **options: object) -> bytes:
    gradient = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    return saved(gradient, "JPEG", **options)


@pytest.fixture
def http(tmp_path: Path) -> Iterator[httpx.Client]:
    turned = Image.Exif()
    turned[0x0112] = UPRIGHT
    files = {
        "wide": picture(1200, 800),
        "turned": picture(1200, 800, exif=turned.tobytes()),
        "small": picture(300, 200),
        "gone": picture(1200, 801),
        "kept": picture(1200, 802),
        "bare": picture(1200, 803),
    }
    settings = load_settings(index=str(tmp_path / "index"), model="demo", uploads="off")
    with PhotoSearch(settings) as search:
        for name, data in files.items():
            path = tmp_path / f"{name}.jpg"
            path.write_bytes(data)
            keep: Keep = KEEPS.get(name, "thumbnail")
            [outcome] = search.index_batch([Photo(name, str(path))], [""], [keep])
            assert outcome.outcome == "indexed"
    for name in ("gone", *KEEPS):
        (tmp_path / f"{name}.jpg").unlink()
    with (
        running_service(settings) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        yield client


def size_of(answer: httpx.Response) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as shown:
        return shown.size


def test_they_are_twice_as_large_and_upright(http: httpx.Client) -> None:
    for name, small, large in (
        ("wide", (320, 213), (640, 427)),
        ("turned", (213, 320), (427, 640)),
        ("kept", (320, 214), (640, 428)),
    ):
        links = http.get(f"/api/photos/{name}").json()["links"]
        assert size_of(http.get(links["thumbnail"])) == small
        answer = http.get(links["thumbnail_large"])
        assert size_of(answer) == large
        assert "immutable" in answer.headers["cache-control"]
        again = http.get(
            links["thumbnail_large"], headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


def test_a_photo_that_is_no_larger_has_no_link_to_one(http: httpx.Client) -> None:
    assert http.get("/api/photos/small").json()["links"]["thumbnail_large"] == ""
    assert size_of(http.get("/api/photos/small/thumbnail?size=large")) == (300, 200)


def test_where_the_original_cannot_be_read_it_is_the_small_one(http: httpx.Client) -> None:
    link = http.get("/api/photos/gone").json()["links"]["thumbnail_large"]
    answer = http.get(link)
    assert size_of(answer) == (320, 214)
    assert answer.headers["cache-control"] == "no-cache", "the large one may be there soon"
    answer = http.get("/api/photos/bare/thumbnail?size=large")
    assert answer.status_code == 404
    assert "is not there any more, or not here" in answer.json()["detail"]


def test_they_are_made_of_photos_on_the_web_where_those_may_be_read(tmp_path: Path) -> None:
    bodies = {f"/{name}.jpg": picture(1200, 800 + n) for n, name in enumerate("abc")}
    changed = {"/b.jpg": picture(1200, 700)}
    answers = dict(bodies)
    routes = {path: lambda handler: handler.answer(200, answers[handler.path]) for path in bodies}
    index = str(tmp_path / "index")
    inside = load_settings(index=index, model="demo", uploads="off", allow_private_addresses=True)
    with running_server(routes) as server:
        ids = {"a": "a", "b": "b", "c": "unsplash:c"}
        photos = [Photo(ids[name], f"{server.url}/{name}.jpg") for name in ids]
        with PhotoSearch(inside) as search:
            outcomes = search.index_batch(photos, [""] * 3)
        assert [each.outcome for each in outcomes] == ["indexed"] * 3
        answers.update(changed)
        with (
            running_service(inside) as running,
            httpx.Client(base_url=running.url, trust_env=False) as http,
        ):
            links = http.get("/api/photos/a").json()["links"]
            before = server.calls["/a.jpg"]
            for _ in range(2):
                answer = http.get(links["thumbnail_large"])
                assert size_of(answer) == (640, 427)
                assert "immutable" in answer.headers["cache-control"]
            assert server.calls["/a.jpg"] == before + 1, "what was made is kept for a while"
            # Another picture lies there by now; the index has what it was.
            assert size_of(http.get("/api/photos/b/thumbnail?size=large")) == (320, 214)
            assert size_of(http.get("/api/photos/b/thumbnail?size=large")) == (320, 214)
            assert server.calls["/b.jpg"] == 2, "one that failed is left alone for a while"
            # Its service wants its photos shown from its own servers.
            assert http.get("/api/photos/unsplash:c").json()["links"]["thumbnail_large"] == ""
            assert size_of(http.get("/api/photos/unsplash:c/thumbnail?size=large")) == (320, 214)
            assert server.calls["/c.jpg"] == 1
        outside = inside.model_copy(update={"allow_private_addresses": False})
        calls = server.calls.total()
        with (
            running_service(outside) as running,
            httpx.Client(base_url=running.url, trust_env=False) as http,
        ):
            assert size_of(http.get("/api/photos/a/thumbnail?size=large")) == (320, 213)
        assert server.calls.total() == calls, "an address inside of a private network"


def test_what_is_no_size_and_no_photo_is_told(http: httpx.Client) -> None:
    assert http.get("/api/photos/wide/thumbnail?size=huge").status_code == 422
    assert http.get("/api/photos/nobody/thumbnail?size=large").status_code == 404


def test_a_photo_says_since_when_it_is_there(http: httpx.Client) -> None:
    since = http.get("/api/photos/wide").json()["indexed_at"]
    assert since.endswith("+00:00")
    assert since < http.get("/api/photos/kept").json()["indexed_at"]
