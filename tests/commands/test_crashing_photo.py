"""A photo that kills the process at work on it: found, named, left out; the others are not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psutil
import pytest

from photoseek import PhotoSearch
from photoseek.records import Condition
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.tuning.outcome import CHECKPOINT
from tests.support.other_models import other_model
from tests.support.other_systems import like_windows
from tests.support.other_words import plain_caption, write_photos
from tests.support.terminal import command, in_new_process, photoseek
from tests.support.text_reader import png, sign
from tests.support.waiting import PATIENCE, wait_until
from tests.support.web_server import Handler, Route, running_server


def kill(handler: Handler) -> None:
    """Kill whoever asks, as a decoder that crashes would.

    Connections to others may have the same port at their own end.
    """
    handler.close_connection = True
    both = handler.client_address, handler.connection.getsockname()
    for connection in psutil.net_connections("tcp4"):
        if (connection.laddr, connection.raddr) == both and connection.pid:
            psutil.Process(connection.pid).kill()


def given(data: bytes) -> Route:
    """What answers with a picture."""
    return lambda handler: handler.answer(200, data)


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


def test_a_photo_that_kills_who_reads_its_text_is_found_and_left_out(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    exit_sign, deadly = given(png(sign("EXIT"))), given(png(sign("COFFEE")))
    routes = {f"/{number}.png": exit_sign for number in range(3)} | {"/deadly.png": deadly}
    location, allowed = str(tmp_path / "index"), {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true"}
    with running_server(routes) as server:
        urls = [f"{server.url}{name}" for name in routes]
        manifest = tmp_path / "photos.csv"
        manifest.write_text("\n".join(["url", *urls, ""]))
        settings = load_settings(model="demo", allow_private_addresses=True)
        with PhotoSearch.open(location, settings=settings) as photos:
            assert photos.index(manifest).indexed == 4
        server.routes["/deadly.png"] = kill
        before = server.calls["/deadly.png"]
        run = photoseek("ocr", "--index", location, "--json", environment=allowed)
        assert run.returncode == 0, run.stderr
        assert server.calls["/deadly.png"] == before + 2, "once among others, once alone"
        report = json.loads(run.stdout)
        [skip] = report["skipped"]
        assert skip["uri"] == f"{server.url}/deadly.png"
        assert "reads text died at this photo, twice" in skip["reason"]
        assert "The process that reads text died (SIGKILL)" in run.stderr
        again = photoseek("ocr", "--index", location, "--json", environment=allowed)
        report = json.loads(again.stdout)
        assert (report["unchanged"], len(report["skipped"])) == (3, 1)
        assert server.calls["/deadly.png"] == before + 2, "it is not met again"
        server.routes["/deadly.png"] = deadly
        with PhotoSearch.open(location, settings=settings) as photos:
            assert photos.index(manifest, refresh=True).skipped == (), "it may be encoded"
            assert photos.browse(where=[Condition("text", "=", "exit")]).total == 3
    assert not list((tmp_path / "index" / "text_underway").iterdir())


def test_a_photo_that_kills_a_reindex_is_found_and_its_thumbnail_is_encoded(
    drawings: Path, tmp_path: Path
) -> None:
    first, second, third, *_ = [path.read_bytes() for path in drawings.parent.glob("*.jpg")]
    routes = {"/a.jpg": given(first), "/deadly.jpg": given(second), "/z.jpg": given(third)}
    location, allowed = str(tmp_path / "index"), {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true"}
    model = other_model(tmp_path / "model")
    with running_server(routes) as server:
        manifest = tmp_path / "photos.csv"
        manifest.write_text("\n".join(["url", *(f"{server.url}{name}" for name in routes), ""]))
        settings = load_settings(model="demo", allow_private_addresses=True)
        with PhotoSearch.open(location, settings=settings) as photos:
            assert photos.index(manifest).indexed == 3
        server.routes["/deadly.jpg"] = kill
        before = server.calls["/deadly.jpg"]
        options = ["reindex", "--index", location, "--model", model, "--json"]
        run = photoseek(*options, environment=allowed)
        assert run.returncode == 0, run.stderr
        assert server.calls["/deadly.jpg"] == before + 2, "once among others, once alone"
        assert "The process that reindexes died (SIGKILL)" in run.stderr
        assert f"process died at {server.url}/deadly.jpg" in run.stderr
        report = json.loads(run.stdout)
        assert report["is_switched"]
        assert (report["photos"], report["from_thumbnails"], report["unreadable"]) == (3, 1, [])
    assert open_store(location).count() == 3
    assert not list((tmp_path / "index" / "reindex_underway").iterdir())


def test_a_photo_that_kills_a_tuning_is_left_out_and_none_is_blamed_for_the_training(
    tmp_path: Path,
) -> None:
    own, folder = write_photos(tmp_path / "own", 48), tmp_path / "ours"
    check = write_photos(tmp_path / "check", 4, plain_caption)
    header, *rows = own.read_text().splitlines()
    with running_server({"/deadly.jpg": kill}) as server:
        url = f"{server.url}/deadly.jpg"
        rows = [f"{row}," for row in rows[:7]] + [f",deadly,,{url}"] + [f"{r}," for r in rows[7:]]
        own.write_text("\n".join([f"{header},url", *rows]) + "\n")
        options: list[str | Path] = ["--source", own, "--check", check, "--to", folder]
        options += ["--model", "demo", "--device", "cpu", "--epochs", "1000", "--batch", "8"]
        with subprocess.Popen(
            command("tune", *options, "--allow-private-addresses", "--json"),
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"XDG_STATE_HOME": str(tmp_path), "COLUMNS": "200"},
        ) as run:
            is_saved = (folder / CHECKPOINT).exists
            wait_until(lambda: is_saved() or run.poll() is not None, "an epoch of the training")
            [tuning] = psutil.Process(run.pid).children()
            tuning.kill()
            _, said = run.communicate(timeout=PATIENCE)
        assert run.returncode == 1, said
        assert server.calls["/deadly.jpg"] == 2, "once among others, once alone"
    assert f"process died at {url}, for the second time" in said
    assert said.count("Looking for the photo") == 2
    assert "process that tunes died (SIGKILL) after all photos had been read" in said
    notes = tmp_path / "photoseek" / "tuning"
    [accused] = (notes / "crashes").iterdir()
    assert json.loads(accused.read_text())["uri"] == url
    assert not list((notes / "underway").iterdir())
