"""What every place promises, on a folder and on a bucket behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from photoseek.errors import StorageError
from photoseek.files.filestore import FileStore, open_files
from photoseek.files.memory_files import MemoryFiles

NAMES = [
    "a.jpg", "a/b/c.jpg", "a b/ü (1).jpg", "a%20b+c&d=e;f?g#h.jpg", "日本/🌅.jpg", "e\u0301.jpg",
    "quote'\"<>&.jpg", "...", "a/..b/.c", ".hidden", "tab\t.jpg", "back\\slash",
    "~", "-", "*", "{x}", "x" * 200,
]  # fmt: skip

BAD_NAMES = [
    "", "/", "/etc/passwd", "..", ".", "../x", "a/../../x", "a/..", "a/./b", "a//b", "a/", "a\0b",
    "\udcff.jpg", ".photoseek-x", "a/.photoseek-x",
]  # fmt: skip


@pytest.fixture(params=["folder", "bucket", "prefix", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        place = open_files(str(tmp_path / "new" / "place"))
    elif request.param == "memory":
        place = MemoryFiles("memory:")
    else:
        bucket = request.getfixturevalue("bucket")
        place = open_files(bucket if request.param == "bucket" else f"{bucket}/some/ünïcode x/")
    place.prepare()
    return place


def again(place: FileStore) -> FileStore:
    """The place, opened by its uri where it can be."""
    return place if isinstance(place, MemoryFiles) else open_files(place.uri)


def names(place: FileStore, prefix: str = "") -> list[str]:
    return [entry.name for entry in place.entries(prefix)]


def test_an_empty_place(place: FileStore) -> None:
    place.prepare()
    assert names(place) == []
    assert place.read("a/b.jpg") is None
    place.remove(["a/b.jpg", "a"])
    place.remove([])
    assert again(place).uri == place.uri


def test_what_is_written_is_read_and_listed(place: FileStore) -> None:
    for name in NAMES:
        place.write(name, name.encode(), "image/jpeg")
    assert {name: place.read(name) for name in NAMES} == {name: name.encode() for name in NAMES}
    entries = list(place.entries())
    assert [entry.name for entry in entries] == sorted(NAMES, key=str.encode)
    assert {entry.size for entry in entries} == {len(name.encode()) for name in NAMES}
    assert len(names(again(place))) == len(NAMES)


def test_a_name_is_not_found_through_a_part_of_it(place: FileStore) -> None:
    place.write("a/b.jpg", b"1")
    assert place.read("a") is None
    assert place.read("b.jpg") is None
    assert place.read("a/b.jpg/c") is None
    place.remove(["a/b.jpg/c"])
    assert names(place) == ["a/b.jpg"]


def test_entries_say_when_and_what(place: FileStore) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    place.write("a", b"one")
    [first] = place.entries()
    assert before < first.modified < datetime.now(UTC) + timedelta(minutes=1)
    assert list(place.entries()) == [first]
    assert place.entry(first.name) == first
    assert place.entry("nobody's") is None
    place.write("a", b"other")
    [second] = place.entries()
    assert second.etag != first.etag
    assert (second.name, second.size) == ("a", 5)


def test_prefixes_are_letters_and_not_folders(place: FileStore) -> None:
    for name in ("a-b", "a/1", "a/2/3", "a0", "ab/4", "b"):
        place.write(name, b"x")
    assert names(place) == ["a-b", "a/1", "a/2/3", "a0", "ab/4", "b"]
    assert names(place, "a/") == ["a/1", "a/2/3"]
    assert names(place, "a") == ["a-b", "a/1", "a/2/3", "a0", "ab/4"]
    assert names(place, "a/2/3") == ["a/2/3"]
    assert names(place, "a/2/3/") == names(place, "c") == []


def test_writing_again_replaces(place: FileStore) -> None:
    place.write("a/b", b"1" * 5_000_000)
    place.write("a/b", b"2")
    assert place.read("a/b") == b"2"
    place.write("a/b", b"2")
    place.write("a/b", b"")
    assert place.read("a/b") == b""
    assert names(place) == ["a/b"]


def test_updates_at_once_are_all_made_and_one_that_fails_changes_nothing(place: FileStore) -> None:
    def add(_: int) -> None:
        again(place).update("notes/count", lambda data: str(int(data or b"0") + 1).encode())

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(add, range(12)))
    assert place.read("notes/count") == b"12"
    assert names(place) == ["notes/count"]

    def refuse(_: bytes | None) -> bytes:
        raise KeyError

    with pytest.raises(KeyError):
        place.update("notes/count", refuse)
    assert place.read("notes/count") == b"12"


def test_remove_takes_what_is_there(place: FileStore) -> None:
    for number in range(5):
        place.write(f"{number}/x", b"x")
    place.remove(f"{number}/x" for number in (0, 2, 7))
    place.remove(["1/x", "1/x"])
    assert names(place) == ["3/x", "4/x"]


def test_names_that_lead_out_are_refused(place: FileStore) -> None:
    actions: list[Callable[[str], object]] = [
        place.read,
        lambda name: place.write(name, b"x"),
        lambda name: place.remove([name]),
        lambda name: place.link(name, 60),
    ]
    for name in BAD_NAMES:
        for action in actions:
            with pytest.raises(StorageError, match="not allowed|not UTF-8"):
                action(name)
    assert names(place) == []


def test_readers_see_old_or_new_bytes_and_never_half(place: FileStore) -> None:
    bodies = {bytes([letter]) * 300_000 for letter in b"abcdef"}
    place.write("x", min(bodies))
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(place.write, "x", body) for body in bodies for _ in range(4)]
        reads = [pool.submit(place.read, "x") for _ in range(40)]
    assert all(write.exception() is None for write in writes)
    assert {read.result() for read in reads} <= bodies
    assert names(place) == ["x"]


def test_links_open_in_a_browser_or_are_none(place: FileStore) -> None:
    for name in NAMES:
        place.write(name, name.encode(), "image/jpeg")
        link = place.link(name, 60)
        if place.uri.startswith(("/", "memory:")):
            assert link is None
        else:
            assert link is not None
            answer = httpx.get(link)
            assert answer.content == name.encode()
            assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "uri", ["", "\0", "s3://", "s3:///x", "s3://a", "s3://../x", "ftp://x/y", "s3://b\udcff/x",
            "s3://bucket/../x", "s3://bucket/a//b", "s3://arn:aws:s3:x/y", "~nobody-has-this/x"]
)  # fmt: skip
def test_what_is_no_place(uri: str) -> None:
    with pytest.raises(StorageError):
        open_files(uri)
