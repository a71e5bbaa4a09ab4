"""Manifests, folders and addresses as Windows and Macs have them, read on this machine."""

from __future__ import annotations

import stat
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import pytest

from photoseek.errors import SourceError, UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.sources import open_source
from photoseek.sources.folder import hides, leads_elsewhere
from photoseek.store import canonical
from photoseek.store.registry import is_folder
from tests.support.manifests import photo, read, reason

ANN = r"C:\Users\Ann\Bilder\hund.jpg"
SHARE = r"\\server\share\x.jpg"
NFC, NFD = (unicodedata.normalize(form, "Grüße.jpg") for form in ("NFC", "NFD"))


def test_a_manifest_of_windows_names_the_files_that_lie_below_it(folder: Path) -> None:
    content = "path,caption\r\ndeep\\c.jpg,A dog\r\n.\\a.jpg,\r\ndeep\\..\\b.jpg,\r\n"
    found = read(folder, content.encode("utf-8-sig"))
    names = ("deep/c.jpg", "a.jpg", "b.jpg")
    assert [photo(each).uri for each in found] == [str(folder / name) for name in names]
    from_folder = {each.uri: each.id for each in map(photo, open_source(str(folder)))}
    assert [photo(each).id for each in found] == [from_folder[str(folder / n)] for n in names]


def test_here_a_name_may_have_a_backslash(folder: Path) -> None:
    (folder / r"deep\c.jpg").write_bytes(b"other bytes")
    [found] = read(folder, "path\ndeep\\c.jpg\n")
    assert photo(found).uri == str(folder / r"deep\c.jpg")


@pytest.mark.parametrize("path", [ANN, "C:/Users/Ann/Bilder/hund.jpg", SHARE])
def test_a_path_of_another_machine_is_told_apart(folder: Path, path: str) -> None:
    [skip] = read(folder, f"path\n{path}\n")
    assert reason(skip) == (
        f"line 2: {path} cannot be read: No such file or directory; it is a path of Windows: "
        "write it relative to the manifest."
    )
    with PhotoReader() as reader, pytest.raises(UnreadablePhotoError, match="path of Windows"):
        reader.read(path)


def test_file_uris_are_paths(folder: Path) -> None:
    (folder / "red car.jpg").write_bytes(b"bytes")
    [found] = read(folder, f"path\nfile://{folder}/red%20car.jpg\n")
    assert photo(found).uri == str(folder / "red car.jpg")
    assert open_source(f"file://{folder}").location == str(folder)
    with pytest.raises(SourceError, match=r"another machine \(server\)"):
        open_source("file://server/share")


@pytest.mark.parametrize("location", [ANN, "C:/Bilder", r"\\server\share", r"c:\index"])
def test_a_drive_is_no_scheme(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="There is no folder or manifest at"):
        open_source(location)
    assert is_folder(location)
    assert canonical(location).startswith(str(tmp_path))


@pytest.mark.parametrize(("listed", "stored"), [(NFC, NFD), (NFD, NFC), (NFC, NFC)])
def test_a_row_finds_the_name_as_this_disk_has_it(folder: Path, listed: str, stored: str) -> None:
    (folder / "deep" / stored).write_bytes(b"bytes")
    for path in (f"deep/{listed}", f"deep\\{listed}"):
        [found] = read(folder, f"path\n{path}\n")
        assert photo(found).uri == str(folder / "deep" / stored)
    assert photo(found).id in {photo(each).id for each in open_source(str(folder / "deep"))}


def test_where_both_spellings_are_there_they_are_two_photos(folder: Path) -> None:
    for name in (NFC, NFD, "A.JPG"):
        (folder / name).write_bytes(b"bytes")
    rows = "".join(f"{name}\n" for name in (NFC, NFD, "a.jpg", "A.JPG"))
    found = read(folder, f"path\n{rows}")
    assert [Path(photo(each).uri).name for each in found] == [NFC, NFD, "a.jpg", "A.JPG"]
    assert len({photo(each).id for each in found}) == 4


def test_what_windows_hides_is_hidden_and_a_junction_is_a_link() -> None:
    usual = SimpleNamespace(st_file_attributes=stat.FILE_ATTRIBUTE_ARCHIVE, st_reparse_tag=0)
    hidden = SimpleNamespace(st_file_attributes=stat.FILE_ATTRIBUTE_HIDDEN | 4)
    junction = SimpleNamespace(st_file_attributes=0x400, st_reparse_tag=0xA0000003)
    in_the_cloud = SimpleNamespace(st_file_attributes=0x400, st_reparse_tag=0x9000601A)
    assert [hides(each) for each in (usual, hidden, junction, None)] == [False, True, False, False]
    assert leads_elsewhere(junction)
    assert not any(map(leads_elsewhere, (usual, hidden, in_the_cloud, None)))
