"""`-t index --watch` and `--prune`: a folder changes while people search."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from photoseek.client import Client
from photoseek.engine import PhotoSearch
from photoseek.search.grammar import QueryPart
from photoseek.settings import load_settings
from tests.support.forked_flow import ForkedFlow
from tests.support.terminal import command, family, photoseek
from tests.support.waiting import PATIENCE, wait_until
from tests.support.zygote import Forked


class Searches:
    """Searches without a pause, in a thread; `failure` is the first thing that went wrong."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answered = 0
        self.failure: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._search)

    def __enter__(self) -> Searches:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _search(self) -> None:
        with Client(self._url) as client:
            while not self._stop.is_set() and self.failure is None:
                try:
                    assert client.search("car", top_k=3).hits
                    self.answered += 1
                except Exception as error:
                    self.failure = error


@contextmanager
def watching(*options: str | Path) -> Iterator[tuple[subprocess.Popen[str], Callable[[], Any]]]:
    """A watch, and what reads the next object that it prints."""
    arguments = command("-t", "index", "--watch", "0.2", "--json", *options)
    with Forked(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        try:
            yield process, lambda: json.loads(next(lines))
        finally:
            process.kill()


@pytest.mark.timeout(600)
def test_a_folder_changes_while_it_is_watched_and_searched(drawings: Path, tmp_path: Path) -> None:
    pictures = sorted(drawings.parent.glob("*.jpg"))
    folder, index = tmp_path / "photos", tmp_path / "index"
    folder.mkdir()
    for picture in pictures[:5]:
        shutil.copy(picture, folder)
    settings = load_settings(index=str(index), model="demo")
    with ForkedFlow(settings, private=True) as flow, Client(flow.url) as client:

        def best(picture: Path) -> str:
            part = QueryPart("image", picture.read_bytes())
            return client.search([part], top_k=1).hits[0].stored.photo.uri

        port = str(flow.settings.http_port)
        options: list[str | Path] = ["--source", folder, "--index", index, "--http-port", port]
        with watching(*options, "--model", "demo") as (process, next_round):
            assert next_round()["indexed"] == 5
            with Searches(flow.url) as searches:
                shutil.copy(pictures[10], folder / "new.jpg")
                assert next_round()["indexed"] == 1
                assert best(pictures[10]) == str(folder / "new.jpg")
                (folder / "new.jpg").write_bytes(pictures[11].read_bytes())
                assert next_round()["indexed"] == 1
                assert best(pictures[11]) == str(folder / "new.jpg")
                (folder / "new.jpg").unlink()
                assert next_round()["removed"] == 1
                assert best(pictures[11]) != str(folder / "new.jpg")
                before = searches.answered
                wait_until(
                    lambda: searches.answered > before or searches.failure is not None, "a search"
                )
            assert searches.failure is None
            flow.stop()  # the watch goes on in its own process
            shutil.copy(pictures[12], folder / "later.jpg")
            assert next_round()["indexed"] == 1
            members = family(process.pid)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert output == ""
        assert "Trying again every 0.2 s." in errors
        assert "Stopped." in errors
        _, alive = psutil.wait_procs(members, timeout=PATIENCE)
        assert not alive
    status = PhotoSearch.open(str(index)).status()
    assert status is not None
    assert status.photos == 6
    (folder / "later.jpg").unlink()
    pruned = photoseek("-t", "index", "--prune", *options)
    assert "0 indexed, 5 unchanged, 1 removed" in pruned.stdout, pruned.stderr
    again = photoseek("-t", "index", "--prune", *options)
    assert "0 indexed, 5 unchanged in" in again.stdout, again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-t", "query", "car", "--watch", "5"], "--watch belongs to index, download"),
        (["-t", "status", "--prune"], "--prune belongs to index"),
        (["-t", "index", "--prune", "-n", "5"], "--prune must see the whole source"),
        (["-t", "index", "--prune", "--watch", "5"], "leave --prune out"),
        (["-t", "index", "--watch", "0"], "'0' is not a number of seconds up to a day"),
        (["-t", "index", "--watch", "soon"], "'soon' is not a number of seconds up to a day"),
        (["-t", "index", "--watch", "nan"], "'nan' is not a number of seconds up to a day"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], message: str) -> None:
    result = photoseek(*arguments)
    assert result.returncode == 2
    assert message in " ".join(result.stderr.split())
