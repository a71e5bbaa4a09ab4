"""From a list of URLs to links that open, all in a bucket, and killed on the way."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import httpx
import pytest

from photoseek.engine import PhotoSearch
from photoseek.files.filestore import open_files
from photoseek.records import content_hash
from tests.support.shell import forking
from tests.support.terminal import ROOT, kill_family
from tests.support.waiting import wait_until
from tests.support.web_server import Handler, running_server

PHOTOS = 24

KILLED_AT = (("photos", 5), ("index", 5), ("index", 25))
"""A run is killed when so many objects are in that folder of the bucket."""
QUERY = "red car at night"


@pytest.fixture
def url_list(drawings: Path, tmp_path: Path) -> Iterator[Path]:
    """Drawings behind a web server, listed with their captions."""

    def picture(handler: Handler) -> None:
        handler.answer(200, (drawings.parent / handler.path[1:]).read_bytes())

    with running_server({"": picture}) as server:
        path = tmp_path / "urls.csv"
        with drawings.open(newline="") as source, path.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["id", "url", "caption"])
            for row in islice(csv.DictReader(source), PHOTOS):
                url = f"{server.url}/{row['path']}"
                writer.writerow([row["id"], url, row["caption"]])
        yield path


@pytest.fixture(autouse=True)
def python(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The script's Python, whose programs are forks."""
    binaries = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PYTHON", str(binaries / "python"))
    with forking(binaries, python=[]):
        yield


def start(url_list: Path, bucket: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ROOT / "tests" / "commands" / "whole_path.sh", url_list, bucket, QUERY],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"ROOT": str(ROOT)},
    )


def has_objects(folder: str, number: int) -> bool:
    return sum(1 for _ in open_files(folder).entries()) >= number


@pytest.mark.timeout(600)
def test_urls_become_hits_whose_links_open_however_often_it_is_killed(
    url_list: Path, bucket: str
) -> None:
    for folder, objects in KILLED_AT:
        run = start(url_list, bucket)
        there = partial(has_objects, f"{bucket}/{folder}", objects)
        wait_until(there, f"{objects} objects in {folder}", every=0.1)
        assert run.poll() is None, "it came to its end before it could be killed"
        kill_family(run.pid)
        run.communicate()
    run = start(url_list, bucket)
    output, errors = run.communicate()
    assert run.returncode == 0, errors

    with url_list.open(newline="") as file:
        listed = list(csv.DictReader(file))
    status = PhotoSearch.open(f"{bucket}/index").status()
    assert status is not None
    assert status.photos == len(listed) == PHOTOS
    names = [entry.name for entry in open_files(f"{bucket}/photos").entries()]
    assert sum(not name.endswith(".csv") for name in names) == len(listed)

    hits = [json.loads(line) for line in output.splitlines()]
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4, 5]
    assert "red car" in hits[0]["caption"]
    for hit in hits:
        assert hit["uri"].startswith(f"{bucket}/photos/")
        answer = httpx.get(hit["link"]).raise_for_status()
        original = next(row["url"] for row in listed if row["id"] == hit["id"])
        assert content_hash(answer.content) == content_hash(httpx.get(original).content)
