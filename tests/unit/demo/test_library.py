from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import photoseek
from photoseek.demo import library
from photoseek.demo.example_queries import EXAMPLE_QUERIES, FEATURED
from photoseek.demo.library import COLUMNS, library_scenes, path_of, row_of, write_library
from photoseek.demo.scene import Scene

COUNT = 6


def written(folder: Path, seed: int = library.LIBRARY_SEED) -> Path:
    return write_library(folder, COUNT, seed=seed, longest=96, workers=1)


def test_the_manifest_describes_every_file(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    assert manifest == tmp_path / "photos.csv"
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT
    assert tuple(rows[0]) == COLUMNS
    for row, scene in zip(rows, library_scenes(COUNT), strict=True):
        assert row == row_of(scene)
        assert row["subject"] in row["tags"].split(";")
        assert row["licence"] == "CC0-1.0"
        with Image.open(tmp_path / row["path"]) as image:
            assert image.format == "JPEG"
            assert max(image.size) == 96
    assert len({row["id"] for row in rows}) == COUNT
    assert len({row["path"] for row in rows}) == COUNT


def test_two_libraries_are_equal(tmp_path: Path) -> None:
    written(tmp_path / "one")
    written(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_another_seed_draws_others(tmp_path: Path) -> None:
    first = written(tmp_path / "one").read_text(encoding="utf-8")
    assert first != written(tmp_path / "two", seed=5).read_text(encoding="utf-8")


def test_a_complete_library_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    written(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_library(tmp_path, 3, longest=64, workers=1, progress=lambda d, n: seen.append((d, n)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_an_interrupted_library_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = library.jpeg_of
    drawn: list[Scene] = []

    def stops_after_two(scene: Scene, longest: int) -> bytes:
        if len(drawn) == 2:
            raise KeyboardInterrupt
        drawn.append(scene)
        return whole(scene, longest)

    monkeypatch.setattr(library, "jpeg_of", stops_after_two)
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(path_of(scene) for scene in drawn)
    monkeypatch.undo()
    written(tmp_path)
    assert len(list(tmp_path.glob("*.jpg"))) == COUNT
    assert (tmp_path / "photos.csv").exists()


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:2])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="disk full"):
        library.write_whole(tmp_path / "a.jpg", b"abcd")
    assert list(tmp_path.iterdir()) == []


def test_several_processes_write_the_same(tmp_path: Path) -> None:
    write_library(tmp_path / "one", 16, longest=48, workers=1)
    write_library(tmp_path / "two", 16, longest=48, workers=2)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_numbers_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="count is 0"):
        write_library(tmp_path, 0)


def test_drawing_needs_no_torch() -> None:
    code = "import sys, photoseek.demo, photoseek.demo.library; assert 'torch' not in sys.modules"
    root = Path(photoseek.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


def test_the_library_holds_every_featured_motif() -> None:
    shown = {(scene.figures, scene.place, scene.time) for scene in library_scenes(600)}
    assert len(EXAMPLE_QUERIES) == 6
    for motifs in FEATURED.values():
        assert shown.issuperset(motifs)


def test_a_small_library_has_as_many_pictures_as_asked() -> None:
    for count in (1, 5, 23, 24, 25, 50):
        assert len({scene.seed for scene in library_scenes(count)}) == count
