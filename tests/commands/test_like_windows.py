"""The product in one process as Windows would see it, as far as Linux can show that.

`tests/support/like_windows` says what these processes lack, and what is refused to them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from photoseek.helpers.ports import free_ports
from tests.support.other_systems import like_windows
from tests.support.terminal import command, in_new_process, photoseek
from tests.support.waiting import PATIENCE
from tests.support.web_server import PhotoServer
from tests.support.zygote import Forked

ENVIRONMENT = like_windows()
PHOTOS = 6


def run(*arguments: str | Path) -> list[Any]:
    """What a task prints as JSON."""
    return answers(photoseek(*arguments, "--json", environment=ENVIRONMENT))


def answers(ended: subprocess.CompletedProcess[str]) -> list[Any]:
    assert ended.returncode == 0, ended.stderr
    return list(map(json.loads, ended.stdout.splitlines()))


@pytest.fixture(scope="module")
def folder(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `photos`, one of them damaged, and an `index` of them."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "photos").mkdir()
    for picture in sorted(drawings.parent.glob("*.jpg"))[:PHOTOS]:
        shutil.copy(picture, folder / "photos")
    (folder / "photos" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    options = ["--json", *to_index(folder)]
    begun = in_new_process(*options, environment=ENVIRONMENT, encoding="cp1252")
    [report] = answers(begun)
    assert report["indexed"] == PHOTOS
    [skip] = report["skipped"]
    assert skip["uri"] == str(folder / "photos" / "broken.jpg")
    return folder


def to_index(folder: Path, source: str = "photos") -> list[str | Path]:
    place: list[str | Path] = ["--index", folder / "index", "--model", "demo"]
    return ["-t", "index", "--source", folder / source, *place]


def test_a_second_run_knows_what_is_there_and_a_search_finds_it(folder: Path) -> None:
    [report] = run(*to_index(folder))
    assert (report["indexed"], report["unchanged"]) == (0, PHOTOS)
    assert not list((folder / "index" / "underway").iterdir())
    hits = run("-t", "query", "a red car", "--index", folder / "index", "-k", "3")
    assert len(hits) == 3
    assert {Path(hit["uri"]).parent for hit in hits} == {folder / "photos"}


def test_two_writers_take_turns(folder: Path, drawings: Path) -> None:
    pictures = sorted(drawings.parent.glob("*.jpg"))[PHOTOS : 3 * PHOTOS]
    for number, picture in enumerate(pictures):
        (folder / f"more{number % 2}").mkdir(exist_ok=True)
        shutil.copy(picture, folder / f"more{number % 2}")
    options: list[str | Path] = ["--index", folder / "index"]
    options += ["--model", "demo", "--batch-size", "1"]
    runs = [
        Forked(
            command("-t", "index", "--source", folder / source, *options),
            env=os.environ | ENVIRONMENT,
            stdout=subprocess.DEVNULL,
        )
        for source in ("more0", "more1")
    ]
    assert [run.wait(200) for run in runs] == [0, 0]
    [status] = run("-t", "status", "--index", folder / "index")
    assert status["photos"] == 3 * PHOTOS


@contextmanager
def served(folder: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A client of the page and its API, and the process that serves them."""
    [port] = free_ports(1)
    options: list[str | Path] = ["--index", folder / "index", "--http-port", str(port)]
    with Forked(
        command("-t", "serve", *options),
        env=os.environ | ENVIRONMENT | {"PHOTOSEEK_UPLOADS": str(folder / "uploads")},
        stdout=subprocess.PIPE,
        encoding="cp1252",
    ) as process:
        assert process.stdout is not None
        shown = ""
        for line in process.stdout:
            shown += line
            if line == "Ctrl-C stops.\n":
                break
        assert "needs Linux or macOS.\nThis one process answers over HTTP" in shown
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
                yield client, process
        finally:
            process.kill()


def test_it_serves_until_it_is_told_to_stop(folder: Path, drawings: Path) -> None:
    with served(folder) as (client, process):
        assert client.get("/").headers["content-type"].startswith("text/html")
        found = client.get("/api/search", params={"q": "a red car", "limit": 2}).json()["hits"]
        first, second = (hit["id"] for hit in found)
        original = client.get(f"/api/photos/{first}/original")
        assert original.content.startswith(b"\xff\xd8")
        part = client.get(f"/api/photos/{first}/original", headers={"Range": "bytes=2-9"})
        assert (part.status_code, part.content) == (206, original.content[2:10])
        assert client.head(f"/api/photos/{first}/original").headers["content-length"]
        assert client.get(f"/api/photos/{first}/thumbnail").content.startswith(b"\xff\xd8")
        packed = client.post("/api/photos/zip", json={"ids": [first, second]})
        assert packed.content.startswith(b"PK")
        picture = sorted(drawings.parent.glob("*.jpg"))[-1]
        handed_in = client.post(
            "/api/photos",
            files={"file": ("aux.jpg", picture.read_bytes())},
            data={"caption": "猫"},
        )
        assert handed_in.status_code == 201
        for photo in (first, handed_in.json()["id"]):
            assert client.delete(f"/api/photos/{photo}").status_code == 204
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert not [path for path in (folder / "uploads").rglob("*") if path.is_file()]


def test_what_is_deleted_stays_out(folder: Path) -> None:
    hits = run("-t", "query", "a house", "--index", folder / "index", "-k", "1")
    deleted = photoseek(
        "-t", "delete", hits[0]["id"], "--index", folder / "index", environment=ENVIRONMENT
    )
    assert deleted.returncode == 0, deleted.stderr
    assert "1 of 1 photo deleted" in deleted.stdout
    [report] = run(*to_index(folder, Path(hits[0]["uri"]).parent.name))
    assert report["deleted"] >= 1
    again = run("-t", "query", "a house", "--index", folder / "index", "-k", "100")
    assert hits[0]["id"] not in {hit["id"] for hit in again}


def test_a_download_goes_on_where_it_was(server: PhotoServer, tmp_path: Path) -> None:
    urls = tmp_path / "urls.txt"
    options: list[str | Path] = ["--source", urls, "--to", tmp_path / "to"]
    options += ["--allow-private-addresses"]
    urls.write_text(f"{server.url}/1.png\n{server.url}/2.png\n{server.url}/gone\n")
    [report] = run("-t", "download", *options)
    assert (report["arrived"], report["failed"]) == (2, {"http_404": 1})
    urls.write_text(f"{server.url}/1.png\n{server.url}/3.png\n")
    [report] = run("-t", "download", *options)
    assert (report["arrived"], report["known"]) == (1, 1)
    manifest = (tmp_path / "to" / "manifest.csv").read_text("utf-8").splitlines()
    assert len(manifest) == 4
    assert all((tmp_path / "to" / row.partition(",")[0]).is_file() for row in manifest[1:])
