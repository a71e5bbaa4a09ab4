"""Photos that are handed in over HTTP, found at once, and taken out again.

In one process: through a Flow they are in tests/contract/test_photo_search.py.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from photoseek.client import Client
from photoseek.errors import DuplicatePhotoError, QueryError
from photoseek.search.grammar import QueryPart
from photoseek.settings import load_settings
from tests.support import made_up_requests
from tests.support.in_process import running_service
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads") / "kept"


@pytest.fixture(scope="module")
def http(uploads: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    index = str(tmp_path_factory.mktemp("index") / "index")
    settings = load_settings(index=index, model="demo", uploads=str(uploads))
    with (
        running_service(settings) as service,
        httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as client,
    ):
        yield client


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (640, 480)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def upload(http: httpx.Client, data: bytes, **fields: str) -> httpx.Response:
    return http.post("/api/photos", files={"file": ("../../evil.jpg", data)}, data=fields)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_is_handed_in_found_and_taken_out(http: httpx.Client, uploads: Path) -> None:
    data = jpeg((200, 30, 30))
    known = {"caption": "A red wall", "photographer": "Ada", "licence": "CC0-1.0"}
    answer = upload(http, data, tags="wall, red ,,", **known)
    assert answer.status_code == 201, answer.text
    photo: dict[str, Any] = answer.json()
    assert known.items() <= photo.items()
    assert (photo["tags"], photo["width"], photo["height"]) == (["wall", "red"], 640, 480)
    assert photo["colours"][0] == "red"
    found = http.get("/api/search", params={"q": "red wall", "mode": "hybrid"}).json()
    assert [hit["id"] for hit in found["hits"]] == [photo["id"]]
    assert http.get(photo["links"]["original"]).content == data
    kept, description = sorted(files(uploads))
    assert kept.read_bytes() == data
    assert json.loads(description.read_text("utf-8"))["caption"] == "A red wall"

    again = upload(http, data)
    assert again.status_code == 409
    assert again.json()["id"] == photo["id"]

    assert http.delete(photo["links"]["self"]).status_code == 204
    assert http.get("/api/search", params={"q": "red wall"}).json()["hits"] == []
    assert http.delete(photo["links"]["self"]).status_code == 404
    assert files(uploads) == []


def test_the_client_does_the_same(http: httpx.Client) -> None:
    data = jpeg((20, 60, 200), (900, 300))
    with Client(str(http.base_url)) as client:
        photo = client.add(data, caption="A blue wall", tags=["wall", "blue"], licence="CC0-1.0")
        photo_id = photo.photo.id
        assert (photo.photo.tags, photo.orientation) == (("wall", "blue"), "landscape")
        with pytest.raises(DuplicatePhotoError, match="in the index already") as refused:
            client.add(data)
        assert refused.value.photo_id == photo_id
        assert client.photo(photo_id) == photo
        assert client.original(photo_id) == data
        assert Image.open(io.BytesIO(client.thumbnail(photo_id))).size == (320, 107)
        facets = client.facets(["licence = CC0-1.0"])
        assert (facets.total, facets.counts["orientation"]) == (1, (("landscape", 1),))
        found = client.search([QueryPart("text", "wall", 2), QueryPart("image", data)], dedupe=True)
        assert [hit.stored for hit in found.hits] == [photo]
        assert client.search(found.query).hits[0].stored == photo
        assert client.search("").total == 1
        with pytest.raises(QueryError, match=r"wall\.jpg cannot be read"):
            client.search("./wall.jpg")
        with pytest.raises(QueryError, match="No photo in the index has the id 'nobody'"):
            client.photo("nobody")
        assert http.delete(f"/api/photos/{photo_id}").status_code == 204


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        random.Random(1).randbytes(2000),
        jpeg((1, 2, 3))[:-200],
    ],
    ids=["empty", "svg", "noise", "cut off"],
)
def test_what_is_no_photo_leaves_nothing_behind(
    http: httpx.Client, uploads: Path, data: bytes
) -> None:
    answer = upload(http, data)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert files(uploads) == []
    assert http.get("/api/stats").json()["photos"] == 0


def test_whatever_is_sent_nothing_breaks(http: httpx.Client, tmp_path: Path) -> None:
    """A Flow's own endpoints have theirs in tests/flow/test_made_up_requests.py."""
    made_up_requests.send(str(http.base_url).rstrip("/"), "^/api/", tmp_path)


def test_a_misspelt_field_is_refused_and_nothing_is_kept(http: httpx.Client, uploads: Path) -> None:
    """Its caption would be lost without a word."""
    before = files(uploads)
    answer = upload(http, jpeg((7, 77, 177)), captoin="A beach")
    assert answer.status_code == 422
    assert "captoin: There is nothing of that name here" in answer.json()["detail"]
    assert files(uploads) == before
