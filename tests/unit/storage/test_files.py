from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError
from photoseek.storage import PhotoReader


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

        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("photoseek.storage.files.os.open", refuse)
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


def test_file_that_lies_about_its_size() -> None:
    """Files in /proc say that they have 0 bytes."""
    assert len(read("/proc/self/status")) > 100
    with pytest.raises(OversizedPhotoError, match="at least"):
        read("/proc/self/status", max_megabytes=1e-4)


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
