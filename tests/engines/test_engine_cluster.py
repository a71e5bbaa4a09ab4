"""A cluster loses a node in the middle of an index run, and gets it back."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.demo.library import write_library
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.servers.elastic_cluster import Cluster, running_cluster
from tests.support.terminal import command, photoseek
from tests.support.waiting import wait_until

PHOTOS = 480
FIRST = 40
OFTEN, RARELY = 0.02, 0.5
"""Seconds between two searches: some are under way when a node dies; else nodes have their time."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_library(tmp_path / "photos", count=PHOTOS, longest=48, workers=1)
    return tmp_path / "photos" / "photos.csv"


@pytest.fixture
def some_photos(photos: Path) -> Path:
    """A list of the first of them."""
    head = photos.read_text("utf-8").splitlines(keepends=True)[: FIRST + 1]
    some = photos.with_name("some.csv")
    some.write_text("".join(head), "utf-8")
    return some


@dataclass
class Searches:
    """What one search after the other has found while all went on."""

    answers: list[int] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    pause: float = RARELY

    def wait_for_more(self) -> None:
        before = len(self.answers)
        wait_until(lambda: len(self.answers) >= before + 3, "searches")


@contextmanager
def searching(photos: PhotoSearch) -> Iterator[Searches]:
    """Inside, somebody searches without end."""
    searches, ended = Searches(), threading.Event()

    def search() -> None:
        while not ended.wait(searches.pause):
            try:
                searches.answers.append(len(photos.search("a red car", top_k=5).hits))
            except Exception as error:
                searches.failures.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield searches
    finally:
        ended.set()
        thread.join()


@contextmanager
def indexing(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """The command line, which indexes meanwhile."""
    with subprocess.Popen(
        command("index", *arguments, "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    ) as run:
        try:
            yield run
        finally:
            run.kill()


@pytest.mark.timeout(900)  # four starts of Elasticsearch
def test_a_node_dies_in_the_middle_of_a_run_and_comes_back(
    cluster: Cluster, photos: Path, some_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_ENGINE_SHARDS", "3")
    monkeypatch.setenv("PHOTOSEEK_ENGINE_REPLICAS", "1")
    place = f"{cluster.address}/photos"
    options = ("--source", photos, "--model", "demo", "--index", place, "--batch-size", "16")
    lost = cluster.nodes[0]  # the first that every client asks
    with PhotoSearch(load_settings(index=place, model="demo")) as search:
        assert search.index(some_photos).indexed == FIRST
        index = open_store(place)
        with searching(search) as searches, indexing(*options) as run:
            wait_until(
                lambda: run.poll() is not None or index.count() >= 3 * FIRST, "some photos", 240
            )
            searches.pause = OFTEN
            searches.wait_for_more()
            lost.kill()
            assert run.poll() is None, "it goes on"
            searches.wait_for_more()
            searches.pause = RARELY
            lost.start()
            said, complained = run.communicate(timeout=240)
            wait_until(cluster.is_whole, "all shards on all nodes", every=0.5)
    assert run.returncode == 0, complained
    assert searches.failures == []
    assert min(searches.answers) == 5, "each of them was answered whole"
    names = [each for some in index.ids() for each in some]
    assert len(names) == len(set(names)) == index.count() == PHOTOS, said
    copies = cluster.rows("photos-000001")
    assert copies[::2] == copies[1::2], "of each shard both copies hold the same"
    assert sum(rows for _, rows in copies[::2]) == PHOTOS
    again = photoseek("index", *options, "--json")
    assert f'"unchanged": {PHOTOS}' in again.stdout, again.stderr
