"""Thumbnails in memory: few, for a time, and the same answers as without."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from starlette.testclient import TestClient

from photoseek.gateway.app import create_app
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.kept_pictures import KEEP_SECONDS, KeptPictures, Picture
from photoseek.records import content_hash
from photoseek.settings import load_settings
from photoseek.store import open_store, open_thumbnails
from tests.support.stored_photos import MODEL, encoded, hash_of


def test_those_that_were_asked_for_last_are_kept() -> None:
    kept = KeptPictures(max_bytes=250)
    for name in ("a", "b", "a", "c"):
        if kept.get(name) is None:
            kept.put(name, Picture.of(name.encode() * 100))
    assert kept.get("b") is None
    assert kept.get("a") == Picture(b"a" * 100, f'"{content_hash(b"a" * 100)}"')
    kept.put("a", Picture.of(b"x" * 90))
    kept.put("d", Picture.of(b"d" * 60))
    assert [name for name in "abcd" if kept.get(name)] == ["a", "c", "d"]
    kept.put("e", Picture.of(b"e" * 1000))
    assert not any(kept.get(name) for name in "abcde"), "one that is too large"


def test_none_is_kept_for_good() -> None:
    now = 0.0
    kept = KeptPictures(now=lambda: now)
    kept.put("a", Picture.of(b"a"))
    now = KEEP_SECONDS - 1
    assert kept.get("a") is not None
    now = KEEP_SECONDS
    assert kept.get("a") is None


def test_what_is_in_memory_is_answered_as_what_is_read(tmp_path: Path) -> None:
    index = tmp_path / "index"
    open_store(index, MODEL).upsert([encoded(1)])
    settings = load_settings(index=str(index), uploads="off")
    with closing(InProcessService.of(settings)) as service:
        client = TestClient(create_app(service, settings), base_url="http://localhost")
        link = f"/api/photos/p00001/thumbnail?v={hash_of(1)}"
        read = client.get(link)
        assert (read.status_code, read.content) == (200, b"thumbnail of 1")
        open_thumbnails(index).remove([hash_of(1)])
        again = client.get(link)
        assert (again.content, again.headers) == (read.content, read.headers)
        headers = {"If-None-Match": read.headers["etag"]}
        assert client.get(link, headers=headers).status_code == 304
        head = client.head(link)
        assert (head.content, head.headers) == (b"", read.headers)
        assert client.get(f"{link}&size=huge").status_code == 422
        assert client.post(link).status_code == 405
        assert client.get(link.replace(hash_of(1), hash_of(2))).status_code == 503, "it is lost"
        counted = client.get("/metrics").text
        route = "/api/photos/{photo_id:path}/thumbnail"
        assert f'method="GET",route="{route}",status="200"}} 2.0' in counted
        service.close()
