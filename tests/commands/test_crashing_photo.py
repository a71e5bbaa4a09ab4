"""A photo that kills the encoder's process: found, named, left out; the others are indexed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psutil
import pytest

from tests.support.other_systems import like_windows
from tests.support.terminal import in_new_process, photoseek
from tests.support.web_server import Handler, running_server


def kill(handler: Handler) -> None:
    """Kill whoever asks, as a decoder that crashes would."""
    handler.close_connection = True
    port = handler.client_address[1]
    for connection in psutil.net_connections("tcp4"):
        if connection.laddr and connection.laddr.port == port and connection.pid:
            psutil.Process(connection.pid).kill()


def spawning(*arguments: str | Path) -> CompletedProcess[str]:
    """Run app.py where no process can fork."""
    return in_new_process(*arguments, environment=like_windows())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("run", [photoseek, spawning], ids=["forks", "spawns"])
def test_a_photo_that_kills_the_encoder_is_found_and_left_out(
    run: Callable[..., CompletedProcess[str]], drawings: Path, tmp_path: Path
) -> None:
    pictures = sorted(drawings.parent.glob("*.jpg"))[:12]
    for picture in pictures:
        shutil.copy(picture, tmp_path)
    with running_server({"/deadly.jpg": kill}) as server:
        url = f"{server.url}/deadly.jpg"
        rows = [f"{picture.name}," for picture in pictures]
        rows.insert(7, f",{url}")
        manifest = tmp_path / "photos.csv"
        manifest.write_text("path,url\n" + "\n".join(rows) + "\n")
        index = tmp_path / "index"
        options: list[str | Path] = ["--source", manifest, "--index", index, "--model", "demo"]
        options += ["--batch-size", "4", "--allow-private-addresses", "--json"]
        result = run("-t", "index", *options)
        assert result.returncode == 0, result.stderr
        report = json.loads(result.stdout)
        assert server.calls["/deadly.jpg"] == 2, (
            report,
            result.stderr,
            "once among others, once alone",
        )
        assert report["indexed"] + report["updated"] + report["unchanged"] == 12, report
        [skip] = report["skipped"]
        assert skip["uri"] == url
        assert "process died at this photo, twice" in skip["reason"]
        assert f"process died at {url}" in result.stderr
        again = run("-t", "index", *options)
        assert again.returncode == 0, again.stderr
        report = json.loads(again.stdout)
        assert (report["unchanged"], report["updated"]) in ((12, 0), (0, 12)), report
        assert [skip["uri"] for skip in report["skipped"]] == [url]
        assert server.calls["/deadly.jpg"] == 2, "it is not met again"
        assert not list((index / "underway").iterdir())
