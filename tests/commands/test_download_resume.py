"""Real processes, killed with SIGKILL at many moments: nothing is lost, and nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import Counter
from pathlib import Path

import pytest

from photoseek.records import content_hash
from tests.support.downloads import arrived, files, reasons
from tests.support.photo_server import ROUTES, picture
from tests.support.terminal import command, photoseek
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, PhotoServer, running_server
from tests.support.zygote import Forked

PHOTOS = 60
AT_ONCE = 4


class Gate:
    """Answers so many requests, then holds the others until it is opened; counts all of them."""

    def __init__(self, allowed: int) -> None:
        self.allowed = threading.Semaphore(allowed)
        self.answered = Counter[str]()
        self.asked = threading.Semaphore(0)
        self.is_open = threading.Event()

    def answer(self, handler: Handler) -> None:
        self.asked.release()
        if not self.is_open.is_set() and not self.allowed.acquire(blocking=False):
            self.is_open.wait(PATIENCE)
        self.answered[handler.path] += 1
        ROUTES[""](handler)


def start(source: Path, folder: Path) -> Forked:
    options: list[str | Path] = [
        "--source",
        source,
        "--to",
        folder,
        "--concurrency",
        str(AT_ONCE),
        "--per-host",
        str(AT_ONCE),
    ]
    arguments = command("-t", "download", *options, "--allow-private-addresses")
    return Forked(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish(source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    options = ["--source", str(source), "--to", str(folder)]
    return photoseek("-t", "download", *options, "--allow-private-addresses")


def write_list(path: Path, server: PhotoServer) -> list[str]:
    urls = [f"{server.url}/{number}.png" for number in range(PHOTOS)]
    path.write_text("".join(f"{url}\n" for url in urls))
    return urls


def known_so_far(folder: Path) -> set[str]:
    """The URLs in whole lines of the manifest that a killed run left."""
    manifest = folder / "manifest.csv"
    lines = manifest.read_text().split("\n")[1:-1] if manifest.exists() else []
    return {line.split(",")[1] for line in lines}


@pytest.mark.parametrize("moment", [1, 7, 30, PHOTOS - 1])
def test_killed_downloads_lose_and_double_nothing(tmp_path: Path, moment: int) -> None:
    """Killed while request number `moment` and the next ones are on their way."""
    gate, folder = Gate(moment), tmp_path / "photos"
    with running_server({"": gate.answer}) as server:
        urls = write_list(tmp_path / "urls.txt", server)
        with start(tmp_path / "urls.txt", folder) as run:
            for _ in range(min(moment + AT_ONCE, PHOTOS)):  # until no other can be on its way
                assert gate.asked.acquire(timeout=PATIENCE)
            run.kill()
        known = known_so_far(folder)
        before = Counter(server.calls)
        gate.is_open.set()
        result = finish(tmp_path / "urls.txt", folder)
        assert result.returncode == 0, result.stderr
        again = server.calls - before
    assert set(arrived(folder)) == set(urls)
    assert set(again) == {f"/{url.rpartition('/')[2]}" for url in set(urls) - known}
    assert max(again.values()) == 1
    check_photos(folder, urls)


def test_killed_again_and_again(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    asked = threading.Semaphore(0)

    def answer(handler: Handler) -> None:
        asked.release()
        ROUTES[""](handler)

    with running_server({"": answer}) as server:
        urls = write_list(tmp_path / "urls.txt", server)
        for _ in range(4):
            with start(tmp_path / "urls.txt", folder) as run:
                for _ in range(9):
                    asked.acquire(timeout=1 if run.poll() is None else 0)
                run.kill()
        assert finish(tmp_path / "urls.txt", folder).returncode == 0
        calls = Counter(server.calls)
        assert finish(tmp_path / "urls.txt", folder).returncode == 0
        assert server.calls == calls, "the last run had nothing to do"
    check_photos(folder, urls)


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(tmp_path: Path) -> None:
    gate, folder = Gate(10), tmp_path / "photos"
    with running_server({"": gate.answer}) as server:
        urls = write_list(tmp_path / "urls.txt", server)
        options: list[str | Path] = [
            "--source",
            tmp_path / "urls.txt",
            "--to",
            folder,
            "--concurrency",
            "4",
        ]
        run = Forked(
            command("-t", "download", *options, "--allow-private-addresses"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )
        for _ in range(14):
            assert gate.asked.acquire(timeout=PATIENCE)
        run.send_signal(signal.SIGINT)
        shown, errors = run.communicate(timeout=PATIENCE)
        assert run.returncode == 130
        assert "Stopped. What arrived stays" in shown
        assert "Traceback" not in errors
        known = known_so_far(folder)
        assert len(known) >= 10 - 4
        before = Counter(server.calls)
        gate.is_open.set()
        assert finish(tmp_path / "urls.txt", folder).returncode == 0
        assert (server.calls - before).total() == PHOTOS - len(known)
    check_photos(folder, urls)


def check_photos(folder: Path, urls: list[str]) -> None:
    """Every photo is stored, once and whole, and no failure is left."""
    by_url = arrived(folder)
    assert set(by_url) == set(urls)
    assert not reasons(folder)
    for url, name in by_url.items():
        data = (folder / name).read_bytes()
        assert data == picture(int(url.rpartition("/")[2].partition(".")[0]))
        assert Path(name).stem == content_hash(data)
    stored = [name for name in files_of(folder) if name.endswith(".png")]
    assert len(stored) == len(set(by_url.values())) == len(urls)


def files_of(folder: Path) -> list[str]:
    """The photos; a kill may leave hidden parts, which nothing reads."""
    for part in folder.rglob(".photoseek-*"):
        part.unlink()
    return files(folder)
