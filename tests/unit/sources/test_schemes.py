"""Sources of other people's, found by the scheme of a location."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import photoseek
from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.sources import open_source, register_source
from photoseek.sources.folder import FolderSource
from tests.support.pictures import drawing, saved

TOY = """
from photoseek.records import Photo
from photoseek.sources.source import Notes


class ToySource:
    lists_everything = False

    def __init__(self, location, settings):
        self.location = location
        self.notes = Notes()

    def __iter__(self):
        self.notes.begin()
        for word in self.location.partition(":")[2].split():
            yield Photo(id=f"toy-{word}", uri=f"toy://{word}", caption=word)

    def count(self):
        return len(self.location.partition(":")[2].split())


def read(uri, max_bytes):
    return uri.encode()
"""
SHOW = """
import sys
from photoseek.fetch import PhotoReader
from photoseek.sources import open_source
source = open_source(sys.argv[1])
print(source.location, source.lists_everything, source.count())
with PhotoReader() as reader:
    print(*(reader.read(photo.uri).decode() for photo in source))
"""


ENTRY_POINTS = """
[photoseek.sources]
toy = photoseek_toys:ToySource
[photoseek.readers]
toy = photoseek_toys:read
"""


def installed(folder: Path, module: str, entry_points: str) -> None:
    """A package as pip would leave it: a module, and what it says of itself."""
    about = folder / "photoseek_toys-1.0.dist-info"
    about.mkdir()
    (folder / "photoseek_toys.py").write_text(module)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: photoseek-toys\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(entry_points)


def shown(folder: Path, location: str) -> subprocess.CompletedProcess[str]:
    root = Path(photoseek.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-c", SHOW, location],
        env={"PYTHONPATH": f"{root}:{folder}"},
        capture_output=True,
        text=True,
    )


def test_a_source_of_another_package_and_its_photos_are_found_by_the_scheme(tmp_path: Path) -> None:
    installed(tmp_path, TOY, ENTRY_POINTS)
    for location in ("toy:bear train", "Toy:bear train"):
        run = shown(tmp_path, location)
        assert run.stdout.splitlines() == [f"{location} False 2", "toy://bear toy://train"], (
            run.stderr
        )


def test_a_source_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    installed(tmp_path, "import nonsense", "[photoseek.sources]\ntoy = photoseek_toys:ToySource\n")
    run = shown(tmp_path, "toy:bear")
    assert "SourceError: What answers for toy: cannot be loaded (ModuleNotFoundError" in run.stderr
    assert "Mend or remove the package photoseek-toys." in run.stderr


def test_a_source_is_registered_by_a_program_too(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(drawing(), "JPEG"))
    register_source("album", lambda location, _: FolderSource.open(tmp_path))
    [found] = open_source("album:holidays")
    assert isinstance(found, Photo)
    assert found.uri == str(tmp_path / "a.jpg")


def test_a_word_with_a_colon_that_nobody_answers_for_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "nobody:holidays"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(saved(drawing(), "JPEG"))
    assert open_source(str(folder)).count() == 1


@pytest.mark.parametrize("location", ["ftp://photos/a", "nobody://photos", "https://a/b"])
def test_a_scheme_that_nobody_answers_for_is_refused(location: str) -> None:
    with pytest.raises(SourceError, match="is not a source that can be read"):
        open_source(location)
