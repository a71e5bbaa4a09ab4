"""Originals on this machine's disk: what is given out, and what only stands in a photo's place."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from executors.vector_indexer.executor import VectorIndexer
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.protobuf import Wire
from tests.support.stored_photos import MODEL, encoded

ID = "p00001"
ORIGINAL = f"/api/photos/{ID}/original"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "red\ncar ü.png"
    path.parent.mkdir()
    Image.new("RGB", (64, 48), "red").save(path)
    return path


@pytest.fixture
def wire(photo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Wire]:
    """An index of that one photo."""
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    open_store(tmp_path / "index", MODEL).upsert([encoded(1, uri=str(photo))])
    indexer = VectorIndexer()
    yield Wire(indexer)
    indexer.close()


def gateway(wire: Wire, tmp_path: Path, **settings: Any) -> TestClient:
    settings = {"index": str(tmp_path / "index"), "uploads": "off", **settings}
    app = wire.app(load_settings(**settings))
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


def problem_in_zip(client: TestClient) -> str:
    """What the table in a zip file says of the one photo, which must not be in it."""
    packed = zipfile.ZipFile(io.BytesIO(client.post("/api/photos/zip", json={"ids": [ID]}).content))
    assert packed.namelist() == ["attributions.csv"]
    [row] = csv.DictReader(io.StringIO(packed.read("attributions.csv").decode("utf-8-sig")))
    return row["problem"]


def open_files(folder: Path) -> set[str]:
    """What beside the index is open in a folder, and of the system's own files.

    Others are of other threads, which open and close the index's own files as well.
    """
    found = set()
    for each in Path("/dev/fd").iterdir():
        with suppress(OSError):  # one that another thread has closed meanwhile
            target = str(each.readlink())
            if target.startswith((str(folder), "/proc/")):
                found.add(f"{each.name} {target}")
    return {one for one in found if not one.endswith("/fd") and f" {folder}/index" not in one}


def test_a_file_below_the_roots_is_given_out(wire: Wire, photo: Path, tmp_path: Path) -> None:
    client, data = gateway(wire, tmp_path, photo_roots=[str(photo.parent)]), photo.read_bytes()
    before = open_files(tmp_path)
    for parameters, opened in (({}, "inline"), ({"download": "1"}, "attachment")):
        answer = client.get(ORIGINAL, params=parameters)
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"] == (
            f"{opened}; filename*=UTF-8''red_car%20%C3%BC.png"
        )
    part = client.get(ORIGINAL, headers={"Range": "bytes=1-4", "If-Range": answer.headers["etag"]})
    assert (part.status_code, part.content) == (206, data[1:5])
    parts = client.get(ORIGINAL, headers={"Range": "bytes=0-1,5-6"})
    assert parts.headers["content-type"].startswith("multipart/byteranges")
    beyond = client.get(ORIGINAL, headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416
    answer = client.post("/api/photos/zip", json={"ids": [ID]})
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.read("001-red_car ü.png") == data
    assert not open_files(tmp_path) - before, "every file is closed"


@pytest.mark.parametrize("roots", [[], ["elsewhere"], ["photos/deeper"], ["s3://photos"]])
def test_a_file_outside_of_the_roots_is_refused(
    wire: Wire, tmp_path: Path, roots: list[str]
) -> None:
    places = [root if "://" in root else str(tmp_path / root) for root in roots]
    client = gateway(wire, tmp_path, photo_roots=places)
    answer = client.get(ORIGINAL)
    assert answer.status_code == 403
    assert "add its place to PHOTOSEEK_PHOTO_ROOTS" in answer.json()["detail"]
    assert "add its place to PHOTOSEEK_PHOTO_ROOTS" in problem_in_zip(client)


def test_a_gateway_for_others_gives_out_nothing_unless_told(wire: Wire, tmp_path: Path) -> None:
    assert gateway(wire, tmp_path).get(ORIGINAL).status_code == 200
    assert gateway(wire, tmp_path, host="0.0.0.0").get(ORIGINAL).status_code == 403


@pytest.mark.parametrize("swapped", ["the file", "its folder", "a folder above"])
def test_a_link_in_the_place_of_a_photo_leads_nowhere(
    wire: Wire, photo: Path, tmp_path: Path, swapped: str
) -> None:
    """What it leads to is a picture, too: only its place tells them apart."""
    inner = tmp_path / "photos" / "a" / "b" / "photo.png"
    outer = tmp_path / "private" / "a" / "b" / "photo.png"
    for path in (inner, outer):
        path.parent.mkdir(parents=True)
        path.write_bytes(photo.read_bytes())
    open_store(tmp_path / "index", MODEL).upsert([encoded(1, uri=str(inner))])
    client = gateway(wire, tmp_path, photo_roots=[str(tmp_path / "photos")])
    assert client.get(ORIGINAL).status_code == 200
    up = {"the file": 0, "its folder": 1, "a folder above": 2}[swapped]
    link, target = [inner, *inner.parents][up], [outer, *outer.parents][up]
    link.rename(tmp_path / "aside")
    link.symlink_to(target)
    answer = client.get(ORIGINAL)
    assert answer.status_code == 403
    assert "PHOTOSEEK_PHOTO_ROOTS" in problem_in_zip(client)


@pytest.mark.parametrize("roots", [None, ["photos"]])
@pytest.mark.parametrize("kind", ["text", "hard link", "environment", "pipe", "folder", "empty"])
def test_what_is_no_picture_is_not_given_out(
    wire: Wire, photo: Path, tmp_path: Path, kind: str, roots: list[str] | None
) -> None:
    (tmp_path / "secret.txt").write_text("a secret", "utf-8")
    photo.unlink()
    if kind == "text":
        photo.write_text("a secret", "utf-8")
    elif kind == "hard link":
        photo.hardlink_to(tmp_path / "secret.txt")
    elif kind == "environment":
        photo.symlink_to("/proc/self/environ")
    elif kind == "pipe":
        os.mkfifo(photo)
    elif kind == "folder":
        photo.mkdir()
    else:
        photo.touch()
    given = {} if roots is None else {"photo_roots": [str(tmp_path / root) for root in roots]}
    client, before = gateway(wire, tmp_path, **given), open_files(tmp_path)
    answer = client.get(ORIGINAL)
    assert answer.status_code in (403, 404)
    assert "secret" not in answer.text.replace("secret.txt", "")
    assert problem_in_zip(client)
    assert not open_files(tmp_path) - before


def test_a_file_beyond_the_limit_is_not_sent(wire: Wire, photo: Path, tmp_path: Path) -> None:
    os.truncate(photo, 10**12)  # a hole, which takes no room
    client = gateway(wire, tmp_path)
    assert "the limit is 64 MB" in client.get(ORIGINAL).json()["detail"]
    assert "the limit is 64 MB" in problem_in_zip(client)
