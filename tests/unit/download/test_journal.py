"""What a download writes down, and what becomes of it after a kill at any byte."""

from __future__ import annotations

import resource
import signal
from collections import Counter
from pathlib import Path

import pytest

from photoseek.download import FAILURES, MANIFEST, Journal
from photoseek.download.append_log import Ledger
from photoseek.download.outcomes import FetchError
from photoseek.errors import SourceError, StorageError
from photoseek.helpers.idset import MERGED, Seen, key_of
from photoseek.records import Photo, Skip, content_hash
from photoseek.sources import open_source
from tests.support.downloads import arrived, fetch, files, reasons, rows
from tests.support.photo_server import picture
from tests.support.web_server import PhotoServer

ODD = Photo(
    id="7",
    uri="http://a/grün, rot.jpg",
    caption='Two\nlines, a "quote"\r\nand \u2028 more',
    tags=("a, b", "c|d"),
    photographer="Ann;",
    licence="CC0",
    source_url="http://a/7",
    metadata={"camera": "X1, old", "Ort": "Köln"},
)


def test_the_manifest_is_read_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "x.png").write_bytes(picture(1))
    single = Photo(id="8", uri="http://a/8", tags=("one, tag",))
    with Journal(tmp_path, ("camera", "Ort")) as journal:
        journal.add(ODD, "ab/x.png")
        journal.add(single, "ab/x.png")
    first, second = open_source(str(tmp_path / MANIFEST))
    assert isinstance(first, Photo)
    assert isinstance(second, Photo)
    assert first.uri == str((tmp_path / "ab" / "x.png").resolve())
    assert first.caption == 'Two lines, a "quote" and   more'
    assert (first.tags, second.tags) == (ODD.tags, single.tags)
    assert (first.id, first.photographer, first.licence) == ("7", "Ann;", "CC0")
    assert first.metadata == {"camera": "X1, old", "Ort": "Köln"}
    with Journal(tmp_path) as journal:
        assert journal.has(key_of(ODD.uri))
        assert not journal.has(key_of("http://a/9"))


def test_every_row_is_one_line(tmp_path: Path) -> None:
    with Journal(tmp_path, ("camera", "Ort")) as journal:
        journal.add(ODD, "ab/x.png")
        journal.add_failure(ODD, FetchError("http_404", "Not\nthere."))
    for name in (MANIFEST, FAILURES):
        assert (tmp_path / name).read_bytes().count(b"\n") == 2


def test_a_line_torn_at_any_byte_is_mended(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(Photo(id="1", uri="http://a/1"), "ab/x.png")
        journal.add(Photo(id="2", uri="http://a/2", caption='with "quotes", grün'), "ab/y.png")
    whole = (tmp_path / MANIFEST).read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(whole)):
        (tmp_path / MANIFEST).write_bytes(whole[:end])
        with Journal(tmp_path) as journal:
            assert journal.has(key_of("http://a/1"))
            assert not journal.has(key_of("http://a/2"))
            journal.add(Photo(id="3", uri="http://a/3"), "ab/z.png")
        assert set(arrived(tmp_path)) == {"http://a/1", "http://a/3"}


def test_a_torn_header_is_written_again(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b"path,ur")
    with Journal(tmp_path) as journal:
        journal.add(Photo(id="1", uri="http://a/1"), "ab/x.png")
    assert arrived(tmp_path) == {"http://a/1": "ab/x.png"}


def test_another_list_brings_other_columns(tmp_path: Path) -> None:
    with Journal(tmp_path, ("camera",)) as journal:
        journal.add(Photo(id="1", uri="http://a/1", metadata={"camera": "X1"}), "a.png")
    with Journal(tmp_path, ("lens", "Camera")) as journal:
        journal.add(Photo(id="2", uri="http://a/2", metadata={"lens": "L", "Camera": "X2"}), "b")
    found = rows(tmp_path / MANIFEST)
    assert [(row["camera"], row["lens"]) for row in found] == [("X1", ""), ("X2", "L")]
    assert not list(tmp_path.glob("*.part"))


def test_one_download_at_a_time_writes(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(StorageError, match="Another download writes to"):
        Journal(tmp_path)
    Journal(tmp_path).close()


def test_starting_anew_keeps_the_earlier_files(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(Photo(id="1", uri="http://a/1"), "ab/x.png")
    with Journal(tmp_path, resume=False) as journal:
        assert not journal.has(key_of("http://a/1"))
    assert rows(tmp_path / "manifest.before.csv")[0]["url"] == "http://a/1"


def test_failures_that_last_are_remembered_and_passing_ones_tried_again(tmp_path: Path) -> None:
    photos = {reason: Photo(id=reason, uri=f"http://a/{reason}") for reason in (
        "http_404", "http_500", "http_429", "timeout", "noindex", "private_address", "unreachable",
    )}  # fmt: skip
    with Journal(tmp_path) as journal:
        for reason, photo in photos.items():
            journal.add_failure(photo, FetchError(reason, "No."))
        journal.add_failure(Skip("x:2", "line 2: row has no url."), FetchError("bad_row", "Row 2."))
    with Journal(tmp_path) as journal:
        lasting = {reason for reason, photo in photos.items() if journal.gave_up(key_of(photo.uri))}
        assert lasting == {"http_404", "noindex", "private_address"}
        assert journal.gave_up(key_of("Row 2."))


def test_the_failures_are_those_that_still_are(tmp_path: Path) -> None:
    one, two, three = (Photo(id=str(n), uri=f"http://a/{n}") for n in (1, 2, 3))
    with Journal(tmp_path) as journal:
        for photo, reason in ((one, "timeout"), (two, "timeout"), (three, "http_404")):
            journal.add_failure(photo, FetchError(reason, "No."))
        journal.add_failure(two, FetchError("http_500", "Later."))
        journal.add(one, "ab/x.png")
        journal.tidy(Seen())
        journal.add_failure(one, FetchError("http_410", "It can still be written to."))
    assert reasons(tmp_path) == {two.uri: "http_500", three.uri: "http_404", one.uri: "http_410"}
    assert len(rows(tmp_path / FAILURES)) == 3


def test_repeated_urls_and_equal_bytes(server: PhotoServer, tmp_path: Path) -> None:
    server.routes["/copy.png"] = lambda h: h.answer(200, picture(1))
    one, copy = server.url + "/1.png", server.url + "/copy.png"
    report = fetch(tmp_path, [one, copy, one, one])
    assert (report.arrived, report.repeated) == (2, 2)
    assert server.calls == {"/1.png": 1, "/copy.png": 1}
    assert len(files(tmp_path)) == 1
    assert len(set(arrived(tmp_path).values())) == 1
    again = fetch(tmp_path, [one, copy])
    assert (again.arrived, again.known) == (0, 2)
    assert server.calls.total() == 2


def test_bytes_that_are_stored_are_not_written_again(server: PhotoServer, tmp_path: Path) -> None:
    server.routes["/copy.png"] = lambda h: h.answer(200, picture(1))
    fetch(tmp_path, [server.url + "/1.png"])
    [name] = files(tmp_path)
    before = (tmp_path / name).stat()
    fetch(tmp_path, [server.url + "/copy.png"])
    assert (tmp_path / name).stat() == before


def test_rows_that_cannot_be_read_are_written_down_once(tmp_path: Path) -> None:
    skip = Skip("list.csv:2", "line 2: row has no url.")
    assert fetch(tmp_path, [skip]).failed == {"bad_row": 1}
    assert fetch(tmp_path, [skip]).given_up == 1
    [row] = rows(tmp_path / FAILURES)
    assert (row["url"], row["reason"]) == ("", "bad_row")


def test_a_full_disk_leaves_no_torn_line(tmp_path: Path) -> None:
    """A file size limit stands for the full disk: what is half written is taken back."""
    ledger = Ledger(tmp_path / "x.csv", ("a",))
    ledger.append({"a": "1"})
    size = (tmp_path / "x.csv").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5, limits[1]))
        with pytest.raises(StorageError, match="cannot be written"):
            ledger.append({"a": "far too long"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    ledger.append({"a": "2"})
    ledger.close()
    assert [row["a"] for row in rows(tmp_path / "x.csv")] == ["1", "2"]


def test_a_list_that_cannot_be_stored_ends_the_download(
    server: PhotoServer, tmp_path: Path
) -> None:
    # A file where a folder must be made.
    (tmp_path / content_hash(picture(1))[:2]).write_text("in the way")
    with pytest.raises(StorageError, match="cannot be used"):
        fetch(tmp_path, [f"{server.url}/{n}.png" for n in range(40)])
    (tmp_path / content_hash(picture(1))[:2]).unlink()
    fetch(tmp_path, [f"{server.url}/{n}.png" for n in range(40)])
    assert len(arrived(tmp_path)) == len(files(tmp_path)) == 40


def test_millions_of_keys() -> None:
    """More than are kept in the set, so that they join the array several times."""
    count = MERGED * 3 + 17
    seen = Seen(key_of(str(number)) for number in range(1000))
    for number in range(count):
        seen.add(key_of(str(number)))
    assert len(seen) == count
    assert all(key_of(str(number)) in seen for number in range(0, count, 97))
    assert not any(key_of(f"x{number}") in seen for number in range(1000))
    assert Counter(len(Seen(keys)) for keys in ((), (5, 5), (0, 2**64 - 1))) == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [(MANIFEST, b"url,caption\nhttp://a/1,Mine\n"), (FAILURES, b"path,url\n"), (MANIFEST, b"x\n")],
)
def test_files_of_somebody_else_are_left_alone(tmp_path: Path, name: str, text: bytes) -> None:
    (tmp_path / name).write_bytes(text)
    with pytest.raises(StorageError, match="not a file that a download wrote.*Move it away"):
        Journal(tmp_path)
    assert (tmp_path / name).read_bytes() == text


def test_a_manifest_that_is_no_table(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\x00\n")
    with pytest.raises(SourceError, match="not UTF-8 text"):
        Journal(tmp_path)


def test_a_list_that_was_edited_by_hand(server: PhotoServer, tmp_path: Path) -> None:
    urls = [f"{server.url}/{name}" for name in ("missing", "500", "page")]
    fetch(tmp_path, urls)
    path = tmp_path / FAILURES
    lines = path.read_text().splitlines()
    path.write_text("\n\n".join([*lines[:2], "", *lines[2:]]) + "\n")
    fetch(tmp_path, [*urls, f"{server.url}/1.png"])
    assert set(reasons(tmp_path)) == set(urls)
    assert len(rows(path)) == 3


def test_what_is_not_there_any_more_is_forgotten(tmp_path: Path) -> None:
    one, two, foreign = (Photo(id=str(n), uri=f"http://a/{n}") for n in (1, 2, 3))
    paths = [f"ab/{'ab' * 16}.png", f"cd/{'cd' * 16}.jpg"]
    with Journal(tmp_path) as journal:
        journal.forget_missing(lambda: pytest.fail("nothing has arrived, so nobody need look"))
        for photo, path in zip((one, two, foreign), [*paths, "my own/x.png"], strict=True):
            journal.add(photo, path)
        journal.forget_missing(lambda: [paths[1], "manifest.csv"])
        assert [journal.has(key_of(photo.uri)) for photo in (one, two, foreign)] == [
            False,
            True,
            True,
        ]
        assert not journal.stores(paths[0])
        assert journal.stores(paths[1])
    assert set(arrived(tmp_path)) == {two.uri, foreign.uri}


def test_the_photo_of_an_id_is_the_one_that_the_list_names_now(
    server: PhotoServer, tmp_path: Path
) -> None:
    """Lists change URLs, for another width or a newer signature; two that claim one id stay."""
    photos = [Photo(id=f"p{n}", uri=f"{server.url}/{n}.png?w=640") for n in range(3)]
    fetch(tmp_path, photos)
    wider = [Photo(id=f"p{n}", uri=f"{server.url}/{n}.png?w=1080") for n in range(2)]
    both = Photo(id="p0", uri=f"{server.url}/9.png")
    gone = Photo(id="p2", uri=f"{server.url}/missing")
    for _ in range(2):
        fetch(tmp_path, [*wider, both, gone])
        found = {(row["id"], row["url"]) for row in rows(tmp_path / MANIFEST)}
        assert found == {(photo.id, photo.uri) for photo in [*wider, both, photos[2]]}
    assert server.calls["/9.png"] == 1
