"""A photo that kills the encoder's process: found, named, left out; the others are indexed."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from tests.support.terminal import photoseek


class Deadly(BaseHTTPRequestHandler):
    """Whoever asks for this photo is killed, as by a decoder that crashes."""

    killed = 0

    def do_GET(self) -> None:
        port = self.client_address[1]
        for connection in psutil.net_connections("tcp4"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                psutil.Process(connection.pid).kill()
                Deadly.killed += 1

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def deadly_photo() -> Iterator[str]:
    Deadly.killed = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Deadly) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/deadly.jpg"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.timeout(900)
def test_a_photo_that_kills_the_encoder_is_found_and_left_out(
    drawings: Path, tmp_path: Path
) -> None:
    pictures = sorted(drawings.parent.glob("*.jpg"))[:12]
    for picture in pictures:
        shutil.copy(picture, tmp_path)
    with deadly_photo() as url:
        rows = [f"{picture.name}," for picture in pictures]
        rows.insert(7, f",{url}")
        manifest = tmp_path / "photos.csv"
        manifest.write_text("path,url\n" + "\n".join(rows) + "\n")
        index = tmp_path / "index"
        options: list[str | Path] = ["--source", manifest, "--index", index, "--model", "demo"]
        options += ["--batch-size", "4", "--allow-private-addresses", "--json"]
        result = photoseek("-t", "index", *options)
        assert result.returncode == 0, result.stderr
        report = json.loads(result.stdout)
        assert Deadly.killed == 2, (report, result.stderr, "once among others, once alone")
        assert report["indexed"] + report["updated"] + report["unchanged"] == 12, report
        [skip] = report["skipped"]
        assert skip["uri"] == url
        assert "process died at this photo, twice" in skip["reason"]
        assert f"process died at {url}" in result.stderr
        again = photoseek("-t", "index", *options)
        assert again.returncode == 0, again.stderr
        report = json.loads(again.stdout)
        assert (report["unchanged"], report["updated"]) in ((12, 0), (0, 12)), report
        assert [skip["uri"] for skip in report["skipped"]] == [url]
        assert Deadly.killed == 2, "it is not met again"
        assert not list((index / "underway").iterdir())
