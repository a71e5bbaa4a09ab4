"""What long work shows on a terminal and in a pipe, and what Ctrl-C says of what is kept."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest

from photoseek.helpers.ports import free_ports
from tests.support.hub import NAME, environment, model_hub
from tests.support.models import save_model
from tests.support.servers import HeldBackPhoto
from tests.support.terminal import OnTerminal

PRIVATE = {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true", "PHOTOSEEK_FETCH_SECONDS": "600"}
"""The web is this machine, and the photo that is held back is waited for."""
PHOTOS = 12


@pytest.fixture
def manifest(drawings: Path, held_back: HeldBackPhoto, tmp_path: Path) -> Path:
    """Twelve photos with captions, and one more that is held back."""
    places = [*sorted(drawings.parent.rglob("*.jpg"))[:PHOTOS], held_back.url]
    manifest = tmp_path / "photos.csv"
    rows = [
        f"{'' if i == PHOTOS else place},{place if i == PHOTOS else ''},a photo {i},{i}"
        for i, place in enumerate(places)
    ]
    manifest.write_text("path,url,caption,id\n" + "\n".join(rows) + "\n")
    return manifest


@pytest.fixture
def place(tmp_path: Path) -> list[str | Path]:
    """An index of its own, and no gateway."""
    [port] = free_ports(1)
    return ["--index", tmp_path / "index", "--model", "demo", "--http-port", str(port)]


def test_ctrl_c_says_how_many_photos_are_kept_and_the_same_command_goes_on(
    manifest: Path, place: list[str | Path], held_back: HeldBackPhoto
) -> None:
    options = ["-t", "index", "--source", manifest, "--batch-size", "2", *place]
    terminal = OnTerminal(*options, environment=PRIVATE)
    terminal.wait_for(rf"Indexing .* {PHOTOS}/{PHOTOS + 1} .*photos/s .*:")
    terminal.press_ctrl_c()
    assert terminal.end() == 130
    kept = "Stopped. 12 photos are stored; the same command goes on from there."
    assert kept in terminal.shown
    assert "Traceback" not in terminal.shown
    held_back.allowed.set()
    again = OnTerminal(*options, environment=PRIVATE)
    assert again.end() == 0
    assert "1 indexed, 12 unchanged" in again.shown
    assert re.search(r"Search them: .*-t search .* --index", again.shown)
    assert "The demo's model has seen" in again.shown


def test_the_bar_moves_on_standard_error_when_output_goes_to_a_file(
    manifest: Path, place: list[str | Path], held_back: HeldBackPhoto
) -> None:
    (manifest.parent / "no photo.jpg").write_text("nothing")
    manifest.write_text(manifest.read_text() + "no photo.jpg,,none,none\n")
    with tempfile.TemporaryFile() as output:
        terminal = OnTerminal(
            "-t",
            "index",
            "--source",
            manifest,
            "--json",
            "--batch-size",
            "2",
            *place,
            stdout=output,
            environment=PRIVATE,
        )
        terminal.wait_for(rf"Indexing .* {PHOTOS}/{PHOTOS + 2}")
        held_back.allowed.set()
        assert terminal.end() == 0
        output.seek(0)
        [line] = output.read().decode().splitlines()
    report = json.loads(line)
    assert report["indexed"] == PHOTOS + 1
    assert len(report["skipped"]) == 1


def test_an_evaluation_that_is_stopped_says_that_nothing_is_kept(
    manifest: Path, place: list[str | Path], held_back: HeldBackPhoto
) -> None:
    options = ["-t", "evaluate", "--source", manifest, "--batch-size", "2", *place]
    terminal = OnTerminal(*options, environment=PRIVATE)
    terminal.wait_for(rf"Evaluating .* {PHOTOS}/{PHOTOS + 1} .*photos/s")
    terminal.press_ctrl_c()
    assert terminal.end() == 130
    assert "Stopped. Nothing is kept of a measurement" in terminal.shown
    assert "Traceback" not in terminal.shown


def test_a_demo_that_is_stopped_keeps_its_drawings(tmp_path: Path) -> None:
    terminal = OnTerminal("-t", "demo", cwd=tmp_path)
    terminal.wait_for(r"Drawing the demo library .* [1-9]\d*/600 .*photos/s")
    terminal.press_ctrl_c()
    assert terminal.end() == 130
    kept = terminal.wait_for(r"Stopped\. (\d+) of 600 drawings are kept; the same command goes on")
    assert "Traceback" not in terminal.shown
    drawn = list((tmp_path / "data" / "demo" / "photos").glob("*.jpg"))
    assert 0 < int(kept[1]) <= len(drawn) < 600


def test_a_model_that_is_fetched_for_a_new_index_shows_how_far_it_is(
    drawings: Path, place: list[str | Path], tmp_path: Path
) -> None:
    save_model(tmp_path / "model")
    options = ["-t", "index", "--source", drawings, "-n", "2", *place, "--model", NAME]
    with model_hub(tmp_path / "model") as server:
        terminal = OnTerminal(*options, environment=environment(server.url, tmp_path / "hub"))
        terminal.wait_for(f"Fetching the model {NAME}, once ...\r\n")
        terminal.wait_for(r"open_clip_model.safetensors: 100%.*B/s\]")
        terminal.wait_for(r"2 indexed")
        assert terminal.end() == 0
        again = OnTerminal(*options, environment=environment(server.url, tmp_path / "hub"))
        assert again.end() == 0
    assert "2 unchanged" in again.shown
    assert "Fetching" not in again.shown
