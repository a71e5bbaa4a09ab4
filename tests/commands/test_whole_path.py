"""From a list of URLs to links that open, all in a bucket, and killed on the way."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from photoseek.engine import PhotoSearch
from photoseek.files.filestore import open_files
from photoseek.records import content_hash
from tests.support.terminal import ROOT, kill_family
from tests.support.web_server import Handler, running_server

KILLS = 3
QUERY = "red car at night"


@pytest.fixture
def url_list(drawings: Path, tmp_path: Path) -> Iterator[Path]:
    """The drawings behind a web server, listed with their captions."""

    def picture(handler: Handler) -> None:
        handler.answer(200, (drawings.parent / handler.path[1:]).read_bytes())

    with running_server({"": picture}) as server:
        path = tmp_path / "urls.csv"
        with drawings.open(newline="") as source, path.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["id", "url", "caption"])
            for row in csv.DictReader(source):
                url = f"{server.url}/{row['path']}"
                writer.writerow([row["id"], url, row["caption"]])
        yield path


def start(url_list: Path, bucket: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ROOT / "tests" / "commands" / "whole_path.sh", url_list, bucket, QUERY],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHON": sys.executable, "ROOT": str(ROOT)},
    )


@pytest.mark.timeout(600)
def test_urls_become_hits_whose_links_open_however_often_it_is_killed(
    url_list: Path, bucket: str
) -> None:
    moments = random.Random(0)
    for _ in range(KILLS):
        run = start(url_list, bucket)
        try:
            run.wait(moments.uniform(1, 8))
        except subprocess.TimeoutExpired:
            kill_family(run.pid)
        run.communicate()
    run = start(url_list, bucket)
    output, errors = run.communicate()
    assert run.returncode == 0, errors

    with url_list.open(newline="") as file:
        listed = list(csv.DictReader(file))
    status = PhotoSearch.open(f"{bucket}/index").status()
    assert status is not None
    assert status.photos == len(listed)
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
