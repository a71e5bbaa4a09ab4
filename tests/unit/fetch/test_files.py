from __future__ import annotations

import os
import socket
import stat
from functools import partial
from pathlib import Path

import pytest

from photoseek.errors import (
    DamagedPhotoError,
    OutsideRootsError,
    OversizedPhotoError,
    UnreadablePhotoError,
)
from photoseek.fetch import PhotoReader
from photoseek.fetch.local import open_file, read_file
from photoseek.helpers.path_rules import is_share


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "red car.jpg"
    path.parent.mkdir()
    path.write_bytes(b"bytes of a photo")
    return path


def read(uri: str | Path, **options: object) -> bytes:
    with PhotoReader(**options) as reader:  # type: ignore[arg-type]
        return reader.read(str(uri))


def test_path(photo: Path) -> None:
    assert read(photo) == b"bytes of a photo"


@pytest.mark.parametrize("start", ["file://", "file://localhost", "FILE://"])
def test_file_uri(photo: Path, start: str) -> None:
    assert read(start + str(photo).replace(" ", "%20")) == b"bytes of a photo"


def test_name_that_is_no_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    Path(os.fsdecode(name)).write_bytes(b"x")
    assert read(os.fsdecode(name)) == b"x"
    assert read(f"file://{tmp_path}/caf%E9.jpg") == b"x"


def test_odd_files_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, words in {
            "missing.jpg": "no such file",
            "": "a folder",
            "pipe.jpg": "pipe or device",
            "socket": "cannot be read",
            "empty.jpg/inside.jpg": "cannot be read",
            "x" * 300: "cannot be read",
            "nul\0.jpg": "cannot be read",
        }.items():
            with pytest.raises(UnreadablePhotoError, match=words):
                read(tmp_path / name)
    with pytest.raises(DamagedPhotoError, match="empty"):
        read(tmp_path / "empty.jpg")
    with pytest.raises(UnreadablePhotoError, match="device"):
        read("/dev/zero")


def test_no_permission(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo.chmod(0)
    if os.access(photo, os.R_OK):  # root may read everything

        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("photoseek.fetch.local.os.open", refuse)
    with pytest.raises(UnreadablePhotoError, match="No permission"):
        read(photo)
    photo.chmod(stat.S_IRUSR)


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    with pytest.raises(UnreadablePhotoError, match="cannot be read"):
        read(tmp_path / "a.jpg")


def test_limit_on_size(photo: Path) -> None:
    assert read(photo, max_megabytes=16e-6)
    with pytest.raises(OversizedPhotoError, match="limit is 1.5e-05 MB.*PHOTOSEEK_MAX_MEGABYTES"):
        read(photo, max_megabytes=15e-6)


@pytest.mark.parametrize("path", ["/proc/self/status", "/proc/self/environ", "/sys/kernel/notes"])
def test_what_the_system_tells_is_no_file(path: str, tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(path)
    for uri in (path, tmp_path / "link.jpg"):
        with pytest.raises(UnreadablePhotoError, match="what the system tells"):
            read(uri)


def test_a_file_that_grows_or_shrinks_while_it_is_read(photo: Path) -> None:
    with open_file(str(photo), max_bytes=100) as file:
        with photo.open("ab") as more:
            more.write(b"!" * 200)
        assert file.read(20) == b"bytes of a photo!!!!"
        os.truncate(photo, 5)
        assert file.read(20) == b"bytes"


@pytest.mark.parametrize("swapped", ["folder", "folder/deep", "folder/deep/a.jpg"])
def test_what_is_swapped_for_a_link_after_the_check_is_not_followed(
    swapped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is resolved first, so a link in it can only have come afterwards."""
    real = tmp_path / "roots" / "folder" / "deep" / "a.jpg"
    elsewhere = tmp_path / "elsewhere" / "folder" / "deep" / "a.jpg"
    for path in (real, elsewhere):
        path.parent.mkdir(parents=True)
        path.write_bytes(path.parts[-4].encode())
    resolve = os.path.realpath

    def resolve_and_swap(path: str) -> str:
        resolved = resolve(path)
        (tmp_path / "roots" / swapped).rename(tmp_path / "aside")
        (tmp_path / "roots" / swapped).symlink_to(tmp_path / "elsewhere" / swapped)
        return resolved

    roots = [tmp_path / "roots"]
    assert read_file(str(real), max_bytes=100, roots=roots) == b"roots"
    monkeypatch.setattr("photoseek.fetch.local.os.path.realpath", resolve_and_swap)
    with pytest.raises(UnreadablePhotoError, match="cannot be read"):
        read_file(str(real), max_bytes=100, roots=roots)


def test_an_open_file_stays_what_it_was(photo: Path) -> None:
    with open_file(str(photo), max_bytes=100) as file:
        photo.unlink()
        photo.symlink_to("/etc/passwd")
        assert file.read(100) == b"bytes of a photo"


def test_roots_hold_links_and_dots(photo: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    (photo.parent / "link.jpg").symlink_to(secret)
    (photo.parent / "good.jpg").symlink_to(photo)
    (tmp_path / "photos-too").mkdir()
    (tmp_path / "photos-too" / "x.jpg").write_bytes(b"x")
    (tmp_path / "alias").symlink_to(photo.parent)
    roots = [tmp_path / "alias"]
    for allowed in (photo, photo.parent / "good.jpg", tmp_path / "alias" / "red car.jpg"):
        assert read(allowed, roots=roots) == b"bytes of a photo"
    for refused in (
        secret,
        photo.parent / "link.jpg",
        f"{photo.parent}/../secret.jpg",
        f"file://{photo.parent}/%2e%2e/secret.jpg",
        tmp_path / "photos-too" / "x.jpg",
        "/etc/passwd",
        tmp_path / "missing.jpg",
    ):
        with pytest.raises(UnreadablePhotoError, match="outside of the folders.*PHOTO_ROOTS"):
            read(refused, roots=roots)


def test_a_root_in_the_home_folder(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photo.parent))
    assert read(photo, roots=["~"]) == b"bytes of a photo"


def test_no_roots_at_all(photo: Path) -> None:
    with pytest.raises(UnreadablePhotoError, match="none at all"):
        read(photo, roots=[])


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("ftp://example.com/photo.jpg", "Cannot tell where"),
        ("photos/relative.jpg", "absolute path"),
        ("", "absolute path"),
        ("file://elsewhere/photo.jpg", "another machine"),
        ("file:///", "a folder"),
        ("data:image/png;base64,AAAA", "Cannot tell where"),
        ("http://", "URL cannot be used"),
        ("http://[::1/", "URL cannot be used"),
        ("http://exa mple.com/", "URL cannot be used|No server can be found"),
        ("http://127.0.0.1:99999/", "URL cannot be used"),
        ("http://a\0b.example/", "URL cannot be used"),
        ("file://[/x", "cannot be used"),
    ],
)
def test_uris_that_make_no_sense(uri: str, words: str) -> None:
    with pytest.raises(UnreadablePhotoError, match=words):
        read(uri)


@pytest.fixture
def no_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where nothing is opened as seen from a folder that is open."""
    monkeypatch.setattr("photoseek.fetch.local.os.supports_dir_fd", set())


@pytest.mark.usefixtures("no_walk")
def test_without_walking_a_file_is_read_and_can_be_opened_once_more(photo: Path) -> None:
    with open_file(str(photo), max_bytes=100, roots=[photo.parent]) as file:
        assert file.read(5) == b"bytes"
        assert file.read(100) == b"bytes of a photo"
        assert file.path == str(photo)
    link = photo.with_name("link.jpg")
    link.symlink_to(photo)
    with open_file(str(link), max_bytes=100) as file:
        assert file.path == str(photo), "where it lies itself"


@pytest.mark.usefixtures("no_walk")
@pytest.mark.parametrize("swapped", ["folder", "folder/deep", "folder/deep/a.jpg"])
def test_without_walking_what_is_swapped_is_not_read(
    swapped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "roots" / "folder" / "deep" / "a.jpg"
    elsewhere = tmp_path / "elsewhere" / "folder" / "deep" / "a.jpg"
    for path in (real, elsewhere):
        path.parent.mkdir(parents=True)
        path.write_bytes(path.parts[-4].encode())
    resolve = os.path.realpath
    asked: list[str] = []

    def resolve_and_swap(path: str) -> str:
        resolved = resolve(path)
        if not asked:
            (tmp_path / "roots" / swapped).rename(tmp_path / "aside")
            (tmp_path / "roots" / swapped).symlink_to(tmp_path / "elsewhere" / swapped)
        asked.append(path)
        return resolved

    monkeypatch.setattr("photoseek.fetch.local.os.path.realpath", resolve_and_swap)
    with pytest.raises(UnreadablePhotoError, match="moved at this moment"):
        read_file(str(real), max_bytes=100, roots=[tmp_path / "roots"])
    assert len(asked) <= 2


@pytest.mark.usefixtures("no_walk")
def test_without_walking_odd_files_are_told_in_words(tmp_path: Path, photo: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path, words in {
        tmp_path / "pipe.jpg": "pipe or device",
        tmp_path: "a folder",
        tmp_path / "missing.jpg": "no such file",
        Path("/dev/zero"): "device",
    }.items():
        with pytest.raises(UnreadablePhotoError, match=words):
            read(path)
    with pytest.raises(OutsideRootsError):
        read(photo, roots=[tmp_path / "other"])


def test_a_share_is_not_even_looked_at_where_none_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look at it is to tell its server who asks."""
    looked: list[str] = []
    monkeypatch.setattr("photoseek.fetch.local.os.path.realpath", looked.append)
    as_there = partial(is_share, flavour="windows")
    monkeypatch.setattr("photoseek.fetch.local.path_rules.is_share", as_there)
    for path in ("//server/share/x.jpg", r"\\server\share\x.jpg"):
        with pytest.raises(OutsideRootsError):
            open_file(path, max_bytes=100, roots=[tmp_path])
    assert looked == []
