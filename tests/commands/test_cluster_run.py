"""Runs on real Ray clusters: one of this machine, and one of three, of which one is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from photoseek import PhotoSearch
from photoseek.records import Condition, Photo, content_hash
from tests.servers.search_engines import ENGINES, home_of
from tests.support.killed_nodes import alone
from tests.support.terminal import ROOT

pytest.importorskip("ray")


@pytest.mark.timeout(600)
def test_a_machine_that_dies_costs_nothing_but_time() -> None:
    command = alone(["--times", "1", "--kind", "node"])
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 kills, and every photo is there once" in run.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_run_whose_head_dies_says_so_and_goes_on_in_another_cluster() -> None:
    run = subprocess.run(alone(["--head"]), cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Nothing is lost with the head" in run.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_machines_that_write_to_an_engine_themselves_may_die() -> None:
    home_of(ENGINES["elastic"])
    command = alone(["--times", "2", "--index", "elastic"])
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 kills, and every photo is there once" in run.stdout


def test_what_moved_is_not_encoded_again_and_text_is_read(tmp_path: Path) -> None:
    """In the Ray of this machine. Nobody can encode the bytes that the index knows."""
    folder, location = tmp_path / "photos", str(tmp_path / "index")
    folder.mkdir()
    (folder / "new.jpg").write_bytes(b"no picture at all")
    with PhotoSearch.open(location, model="demo") as photos:
        photos.index_batch([saved_photo(tmp_path / "other.jpg", "HARBOUR")], [""])
        status = photos.index_status()
        assert status is not None
        [stored] = photos.contents([photos.photo("other").content_hash]).values()
        known = content_hash(b"no picture at all")
        moved = replace(stored, photo=Photo("old", "/old.jpg", "1"), content_hash=known)
        photos.store([moved], [], status.model)
    saved_photo(folder / "sign.jpg", "PLATFORM")
    run = subprocess.run(
        [
            *(sys.executable, "app.py", "-t", "index", "--source", str(folder)),
            *("--index", location, "--on", "ray", "--ocr", "--json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    report = json.loads(run.stdout)
    assert (report["indexed"], report["skipped"]) == (2, [])
    with PhotoSearch.open(location) as photos:
        [sign] = photos.browse(where=[Condition("text", "=", "platform")]).hits
        assert sign.stored.photo.uri == str(folder / "sign.jpg")


def saved_photo(path: Path, sign: str) -> Photo:
    picture = Image.new("RGB", (640, 240), (240, 240, 200))
    ImageDraw.Draw(picture).text((40, 80), sign, (0, 0, 0), ImageFont.load_default(60))
    picture.save(path)
    return Photo(path.stem, str(path), "1")
