from __future__ import annotations

import inspect
import itertools
import os
import sys
from pathlib import Path
from unicodedata import normalize

import pytest

from photoseek.errors import SourceError
from photoseek.helpers.photo_names import installed_extras, readable_extensions
from photoseek.records import Photo, Skip
from photoseek.sources import PHOTO_EXTENSIONS, open_source, photo_id
from photoseek.sources.file_kinds import MOST_KINDS, not_read_sentence
from photoseek.sources.folder import FolderSource
from photoseek.sources.source import has_extension


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"bytes")
    return path


def photos(folder: Path) -> list[str]:
    return [found.uri for found in open_source(str(folder)) if isinstance(found, Photo)]


def skips(folder: Path) -> dict[str, str]:
    return {
        Path(found.uri).name: found.reason
        for found in open_source(str(folder))
        if isinstance(found, Skip)
    }


def test_photos_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["B.JPG", "a/1.jpeg", "a/b/c/d.Png", "a/b.webp", "b.tif", "c.avif", "ä.gif", "z.bmp"]
    for name in reversed(names):
        touch(tmp_path / name)
    expected = ["B.JPG", "a/1.jpeg", "a/b/c/d.Png", "a/b.webp"]
    expected += ["b.tif", "c.avif", "z.bmp", "ä.gif"]
    assert photos(tmp_path) == [str(tmp_path / name) for name in expected]
    assert photos(tmp_path) == photos(tmp_path)
    assert open_source(str(tmp_path)).count() == 8


def test_a_photo_is_described_by_its_file(tmp_path: Path) -> None:
    path = touch(tmp_path / "red car.jpg")
    os.utime(path, ns=(0, 1_700_000_000_123_456_789))
    [photo] = open_source(str(tmp_path))
    assert photo == Photo(
        id=photo_id(str(path)), uri=str(path), version="5-1700000000123456789", caption=""
    )
    assert len(photo.id) == 16
    assert photo.fingerprint


def test_version_changes_with_the_bytes(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.jpg")
    source = open_source(str(tmp_path))
    [before] = source
    path.write_bytes(b"other bytes")
    [after] = source
    assert isinstance(before, Photo)
    assert isinstance(after, Photo)
    assert before.id == after.id
    assert before.version != after.version


def test_other_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    for name in (
        "a.jpg",
        "notes.txt",
        "b.mov",
        "jpg",
        ".jpg",
        ".b.jpg",
        ".cache/c.jpg",
        "x/.y/d.png",
    ):
        touch(tmp_path / name)
    assert photos(tmp_path) == [str(tmp_path / "a.jpg")]
    assert skips(tmp_path) == {}


def test_relative_folder_and_links_to_it_give_the_same_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = touch(tmp_path / "library" / "a.jpg")
    (tmp_path / "alias").symlink_to("library")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for location in ("library", "./x/../library/", "alias", "~/library", str(tmp_path / "alias")):
        source = open_source(location)
        assert source.location == str(path.parent)
        assert [found.uri for found in source] == [str(path)]


def test_links_to_files_are_followed_once(tmp_path: Path) -> None:
    library = tmp_path / "library"
    inside = touch(library / "b.jpg")
    outside = touch(tmp_path / "elsewhere" / "o.jpg")
    hidden = touch(library / ".cache" / "h.jpg")
    odd = touch(library / "no-extension")
    for name, target in {
        "a.jpg": inside,
        "c.jpg": outside,
        "d.jpg": outside,
        "e.jpg": hidden,
        "f.jpg": odd,
        "g.jpg": library / "missing.jpg",
        "h.jpg": library / "h.jpg",
    }.items():
        (library / name).symlink_to(target)
    found = photos(library)
    assert found == [str(path) for path in (inside, outside, hidden, odd)]
    reasons = skips(library)
    assert sorted(reasons) == ["a.jpg", "d.jpg", "g.jpg", "h.jpg"]
    assert "is here already" in reasons["a.jpg"]
    assert "is here already" in reasons["d.jpg"]
    assert "missing.jpg. File cannot be read: No such file" in reasons["g.jpg"]
    assert "cannot be read" in reasons["h.jpg"]


def test_links_to_folders_are_told_and_cannot_loop(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "a.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert photos(tmp_path) == [str(tmp_path / "a" / "a.jpg")]
    assert set(skips(tmp_path)) == {"up", "b"}
    assert open_source(str(tmp_path)).count() == 1


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    touch(Path(odd + ".jpg"))
    touch(Path(odd) / "inside.jpg")
    (tmp_path / "link.jpg").symlink_to(odd + ".jpg")
    assert photos(tmp_path) == [str(tmp_path / "a.jpg")]
    found = [found for found in open_source(str(tmp_path)) if isinstance(found, Skip)]
    assert len(found) == 3
    for skip in found:
        skip.uri.encode()
        skip.reason.encode()
    assert any(skip.uri.endswith("caf\\udce9.jpg") for skip in found)


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "pipe" in skips(tmp_path)["pipe.jpg"]


def test_sub_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a.jpg")
    touch(tmp_path / "closed" / "b.jpg")
    original = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr("photoseek.sources.folder.os.scandir", scandir)
    assert photos(tmp_path) == [str(tmp_path / "a.jpg")]
    assert skips(tmp_path) == {"closed": "Folder cannot be read: Permission denied."}
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        open_source(str(tmp_path / "closed"))


def test_file_that_vanishes_on_the_way(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    gone = touch(tmp_path / "b.jpg")
    walk = iter(open_source(str(tmp_path)))
    assert isinstance(next(walk), Photo)
    gone.unlink()
    found = next(walk)
    assert isinstance(found, Skip)
    assert "No such file" in found.reason


def test_folders_may_nest_deeper_than_python_recurses(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
        folder.mkdir()
    touch(tmp_path / "z.jpg")
    touch(folder / "a.jpg")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        found = photos(tmp_path)
    finally:
        sys.setrecursionlimit(limit)
    assert found == [str(folder / "a.jpg"), str(tmp_path / "z.jpg")]


def test_walking_is_lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        touch(tmp_path / f"{number:02}" / "a.jpg")
    source = open_source(str(tmp_path))
    listed: list[str] = []
    original = os.scandir

    def scandir(path: str) -> object:
        listed.append(str(path))
        return original(path)

    monkeypatch.setattr("photoseek.sources.folder.os.scandir", scandir)
    assert len(list(itertools.islice(source, 2))) == 2
    assert len(listed) == 3


def test_folder_without_photos(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    with pytest.raises(SourceError, match=r"holds no photos.*\.jpg"):
        open_source(str(tmp_path))


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("missing", "no folder or manifest at .*/missing"),
        ("a.jpg", "neither a folder nor a manifest.*csv, .tsv, .parquet"),
        ("https://example.com/photos.csv", "not a source that can be read"),
        ("nul\0", "not a usable path"),
        ("caf\udce9", "not a usable path"),
        ("loop", "no folder or manifest|not a usable path"),
        ("x" * 300, "no folder or manifest|not a usable path"),
    ],
)
def test_locations_that_are_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / "a.jpg")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match=words) as caught:
        open_source(location)
    str(caught.value).encode()


def test_closed_folder_of_an_opened_source(tmp_path: Path) -> None:
    """What is opened first and goes away later ends in a Skip and not in a traceback."""
    source = FolderSource(str(tmp_path / "gone"))
    [found] = source
    assert isinstance(found, Skip)


UNREAD = [
    *("IMG_1.JXL", "deep/IMG_2.jxl", "old.FLIF", "clip.mov", "layers.xcf", "drawing.svg", "photo"),
    *("a.jpg_large", "b.jpeg.1", "c.jpg~", "d.jpg ", "e.jpg?w=640"),
]
KINDS = {"jxl": 2, "flif": 1, "mov": 1, "xcf": 1, "svg": 1, "without an extension": 1} | {
    "jpg_large": 1,
    "jpeg.1": 1,
    "jpg~": 1,
    "'jpg '": 1,
    "jpg?w=640": 1,
}
NO_WORD = ["Thumbs.db", "desktop.ini", ".DS_Store", "._a.jpg", "photo.xmp", "notes.txt", "list.csv"]


def test_files_of_other_kinds_are_counted(tmp_path: Path) -> None:
    for name in (*UNREAD, *NO_WORD, "photo.jpg", ".hidden/x.jxl"):
        touch(tmp_path / name)
    source = open_source(str(tmp_path))
    for _ in range(2):
        assert len(list(source)) == source.count() == 1
        assert source.notes.not_read == KINDS
    sentence = not_read_sentence(source.notes.not_read)
    assert sentence.startswith("12 files of kinds that are not read: jxl 2, 'jpg ' 1, flif 1, ")


def test_a_folder_without_photos_says_what_it_holds(tmp_path: Path) -> None:
    touch(tmp_path / "a.jxl")
    touch(tmp_path / "deep" / "b.JXL")
    with pytest.raises(SourceError, match="no photos.* 2 files of kinds that are not read: jxl 2"):
        open_source(str(tmp_path))


def test_what_an_extra_would_read_is_counted_with_its_name() -> None:
    sentence = not_read_sentence({"heic": 2, "nef": 1, "hif": 1, "mov": 1})
    assert sentence.startswith(
        "5 files of kinds that are not read: heic 2 (pip install 'photoseek[heic]'), "
        "hif 1 (pip install 'photoseek[heic]'), mov 1, nef 1 (pip install 'photoseek[raw]')."
    )


def test_which_names_are_read_depends_on_what_is_installed() -> None:
    bare = readable_extensions(())
    assert {".jpg", ".mpo", ".psd", ".jp2"} < bare
    assert not {".heic", ".nef"} & bare
    assert readable_extensions(("heic",)) - bare == {".heic", ".heif", ".hif"}
    assert {".nef", ".cr3", ".dng", ".raf"} < readable_extensions(("raw",)) - bare
    assert readable_extensions(installed_extras()) == PHOTO_EXTENSIONS


def test_kinds_without_end_are_counted_together(tmp_path: Path) -> None:
    for number in range(300):
        touch(tmp_path / f"photo.jpg?width={number}&{'x' * 100}")
    touch(tmp_path / "a.jpg")
    source = open_source(str(tmp_path))
    assert len(list(source)) == 1
    assert source.notes.not_read.total() == 300
    assert len(source.notes.not_read) <= MOST_KINDS + 1
    assert len(not_read_sentence(source.notes.not_read)) < 500


OF_SYSTEMS = [
    *("@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", "deep/@EADIR/b.jpg/SYNOFILE_THUMB_S.png"),
    *("#recycle/old.jpg", "@Recycle/old.jpg", "$RECYCLE.BIN/S-1-5-21/$R1.jpg", "~snapshot/a.jpg"),
    *("@Recently-Snapshot/GMT+01/a.jpg", "#snapshot/GMT/a.jpg", "@GMT-2026.01.01-00.00.00/a.jpg"),
    *("lost+found/#1.jpg", "System Volume Information/x.jpg", "__MACOSX/a.jpg", "._a.jpg"),
    *(".stversions/a~2.jpg", ".Trash-1000/files/a.jpg", ".@__thumb/a.jpg", ".thumbnails/1.jpg"),
    *(".picasaoriginals/a.jpg", ".AppleDouble/a.jpg", "My Previews.lrdata/0/0.jpg"),
    *("Pictures.photoslibrary/resources/derivatives/1.jpeg", "Old.photolibrary/Thumbnails/1.jpg"),
    *("appdata_oc1x2y/preview/1.png", "files_trashbin/files/a.jpg", "SYNOPHOTO_THUMB_M.jpg"),
]
OF_PEOPLE = [
    *("a.jpg", "recycle/b.jpg", "Trash/c.jpg", "lrdata/d.jpg", "eaDir/e.jpg", "Previews/f.jpg"),
    *("Pictures.photoslibrary/originals/A/1.jpeg", "Old.photolibrary/Masters/2009/1.jpg"),
]


def test_thumbnails_and_bins_of_systems_are_left_alone(tmp_path: Path) -> None:
    for name in (*OF_SYSTEMS, *OF_PEOPLE):
        touch(tmp_path / name)
    source = open_source(str(tmp_path))
    assert set(photos(tmp_path)) == {str(tmp_path / name) for name in OF_PEOPLE}
    for _ in range(2):
        assert len(list(source)) == source.count() == len(OF_PEOPLE)
        [remark] = source.notes.remarks()
    assert remark.startswith("Folders of thumbnails, bins and the like were left alone: ")
    assert "#recycle 1" in remark


@pytest.mark.parametrize("inside", ["@eaDir", "#recycle", "X.photoslibrary/resources/derivatives"])
def test_a_folder_of_a_system_is_read_where_it_is_asked_for(tmp_path: Path, inside: str) -> None:
    touch(tmp_path / "a.jpg")
    asked = touch(tmp_path / inside / "deep" / "b.jpg")
    assert photos(tmp_path / inside) == [str(asked)]
    (tmp_path / "list.csv").write_text(f"path\n{inside}/deep/b.jpg\n")
    assert [found.uri for found in open_source(str(tmp_path / "list.csv"))] == [str(asked)]
    (tmp_path / "link.jpg").symlink_to(asked)
    assert photos(tmp_path) == [str(tmp_path / "a.jpg"), str(asked)]


COMPOSED, APART = (normalize(form, "Größe/Café 한글.jpg") for form in ("NFC", "NFD"))


def test_a_name_is_one_photo_however_its_accents_are_written(tmp_path: Path) -> None:
    path = touch(tmp_path / APART)
    [found] = open_source(str(tmp_path))
    assert isinstance(found, Photo)
    assert (found.uri, found.id) == (str(path), photo_id(str(tmp_path / COMPOSED)))
    (tmp_path / "list.csv").write_text(f"path\n{COMPOSED}\n{APART}\n")
    listed, twice = open_source(str(tmp_path / "list.csv"))
    assert isinstance(listed, Photo)
    assert listed.id == found.id
    assert isinstance(twice, Skip)
    assert "was used in line 2" in twice.reason
    path.parent.rename(tmp_path / "away")
    touch(tmp_path / COMPOSED)
    ids = {entry.id for entry in open_source(str(tmp_path)) if COMPOSED in entry.uri}
    assert ids == {found.id}


def test_files_of_both_spellings_are_two_photos(tmp_path: Path) -> None:
    paths = [str(touch(tmp_path / name)) for name in (COMPOSED, APART)]
    found = {entry.uri: entry.id for entry in open_source(str(tmp_path))}
    assert found == {path: photo_id(path) for path in paths}


@pytest.mark.parametrize(
    ("name", "is_photo"),
    [
        *((name, True) for name in ("a.jpg", "a.JPG", "a..jpg", "é.jpg", "-.jpg", "a .jpg")),
        *((name, False) for name in (".jpg", "..jpg", "jpg", "a.jpg ", "a.", "", "a.jpg/b")),
        *(("folder/a.jpg", True), ("folder/.jpg", False), ("a.b/c", False)),
    ],
)
def test_a_photo_is_known_by_the_end_of_its_name(name: str, is_photo: bool) -> None:
    assert has_extension(name) == is_photo
