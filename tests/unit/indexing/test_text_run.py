"""The text in the pictures of an index: read once, from the best that there is of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from photoseek.errors import QueryError, StoreError
from photoseek.fetch import PhotoReader
from photoseek.indexing import text_run
from photoseek.indexing.picture_source import PictureSource
from photoseek.indexing.text_run import WantedTexts, read_texts
from photoseek.indexing.text_tally import TextProgress
from photoseek.photos import ImageLimits
from photoseek.records import (
    EncodedPhoto,
    Keep,
    Photo,
    PictureText,
    Pixels,
    ReadText,
    TextLine,
    TextReport,
    content_hash,
)
from photoseek.store import PhotoStore, open_store, parse_filter
from tests.support.stored_photos import MODEL, vector_of
from tests.support.text_reader import KnowsWords, png, sign


class Library:
    """An index in a folder, of signs that lie in another one."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.store = open_store(place / "index", MODEL)
        self.reader = KnowsWords()

    def add(self, name: str, *lines: str, keep: Keep = "thumbnail", **fields: str) -> Path:
        path = self.place / f"{name}.png"
        data = png(sign(*lines))
        path.write_bytes(data)
        photo = Photo(id=name, uri=str(path), version="1", **fields)  # type: ignore[arg-type]
        shown = png(sign(*lines).resize((320, 200)))
        self.store.upsert(
            [
                EncodedPhoto(
                    photo, content_hash(data), 640, 400, vector_of(len(name)), shown, keep,
                    data if keep == "original" else b"",
                )
            ]
        )  # fmt: skip
        return path

    def read(self, *where: str, **wanted: object) -> TextReport:
        with_filters = WantedTexts(tuple(map(parse_filter, where)), **wanted)  # type: ignore[arg-type]
        pictures = PictureSource(PhotoReader(), ImageLimits())
        return read_texts(self.store, pictures, self.reader, with_filters, threads=2)

    def texts(self) -> dict[str, str | None]:
        return {
            each.photo.id: each.text.text if each.text else None for each in self.store.browse(99)
        }


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def test_pictures_are_read_once_also_those_without_text(library: Library) -> None:
    library.add("sale", "SUMMER SALE", "EXIT")
    library.add("empty")
    report = library.read()
    assert (report.read, report.with_text, report.unchanged, report.skipped) == (2, 1, 0, ())
    assert library.texts() == {"sale": "SUMMER SALE\nEXIT", "empty": ""}
    library.add("coffee", "COFFEE")
    report = library.read()
    assert (report.read, report.with_text, report.unchanged) == (1, 1, 2)
    assert library.reader.read == 3
    assert [each.photo.id for each in library.store.keywords("coffee", 9)] == ["coffee"]


def test_a_bad_photo_stops_no_other(library: Library) -> None:
    library.add("gone", "EXIT", keep="none").unlink()
    library.add("sale", "SUMMER SALE")
    broken = library.add("broken", "EXIT", keep="original")
    data = broken.read_bytes()[:-40]
    there = library.store.encoded(["broken"])["broken"]
    library.store.upsert([replace(there, content_hash=content_hash(data), original=data)])
    report = library.read()
    assert report.read == 1
    assert {skip.id for skip in report.skipped} == {"gone", "broken"}
    assert all(skip.reason for skip in report.skipped)
    assert library.texts() == {"sale": "SUMMER SALE", "gone": None, "broken": None}


@pytest.mark.parametrize("change", ["gone", "another"])
def test_a_thumbnail_is_read_where_there_is_no_more_and_told(library: Library, change: str) -> None:
    path = library.add("sale", "SUMMER SALE")
    library.add("exit", "EXIT")
    before = path.read_bytes()
    path.unlink() if change == "gone" else path.write_bytes(png(sign("COFFEE")))
    report = library.read()
    assert (report.read, report.rough) == (2, 1)
    [remark] = report.remarks
    assert "1 photo was read from its thumbnail" in remark
    assert str(path) in remark
    text = library.store.get(["sale"])["sale"].text
    assert text is not None
    assert text.is_rough
    path.write_bytes(before)
    assert library.read().read == 0
    again = library.read(again=True)
    assert (again.read, again.unchanged, again.rough) == (1, 1, 0)
    assert library.texts()["sale"] == "SUMMER SALE"


def test_the_kept_original_goes_before_the_place(library: Library) -> None:
    library.add("sale", "SUMMER SALE", keep="original").write_bytes(png(sign("COFFEE")))
    assert library.read().remarks == ()
    assert library.texts() == {"sale": "SUMMER SALE"}


def test_another_reader_reads_again_only_when_it_is_told_to(library: Library) -> None:
    library.add("sale", "SUMMER SALE")
    library.read()
    library.reader = KnowsWords(name="knows words 2")
    assert library.read().read == 0
    assert library.read(again=True).read == 1
    text = library.store.get(["sale"])["sale"].text
    assert text is not None
    assert text.reader == "knows words 2"
    assert library.read(again=True).read == 0


def test_a_filter_that_a_photo_leaves_when_it_is_read_leaves_no_other_out(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_run, "AT_ONCE", 2)
    monkeypatch.setattr(text_run, "STORED_AT_ONCE", 1)
    names = [f"exit{number}" for number in range(7)]
    for name in names:
        library.add(name, "EXIT")
    old = PictureText("older", (TextLine("OLD", 1.0, ()),))
    stored = library.store.get(names).items()
    texts = {name: ReadText(each.content_hash, old) for name, each in stored}
    assert library.store.add_texts(texts) == 7
    assert library.read("text = old", again=True).read == 7
    assert set(library.texts().values()) == {"EXIT"}


def test_filters_and_a_limit_choose_what_is_read(library: Library) -> None:
    for number in range(6):
        library.add(f"exit{number}", "EXIT", caption="door" if number % 2 else "street")
    assert library.read("caption = door", limit=2).read == 2
    report = library.read("caption = door")
    assert (report.read, report.unchanged) == (1, 2)
    assert library.read(limit=1).read == 1
    assert sum(text is None for text in library.texts().values()) == 2
    with pytest.raises(QueryError):
        library.read("width ~ 3")


class _Stops(KnowsWords):
    """Is told to stop at its fourth picture, as by Ctrl-C."""

    @override
    def lines(self, pixels: Pixels) -> Iterator[TextLine]:
        if self.read == 3:
            self.read += 1
            raise KeyboardInterrupt
        return super().lines(pixels)


def test_what_was_read_stays_when_a_run_is_stopped(library: Library) -> None:
    for number in range(8):
        library.add(f"exit{number}", "EXIT")
    library.reader = _Stops()
    with pytest.raises(KeyboardInterrupt):
        library.read()
    kept = sum(text is not None for text in library.texts().values())
    assert kept
    library.reader = KnowsWords()
    report = library.read()
    assert (report.unchanged, report.read) == (kept, 8 - kept)
    assert set(library.texts().values()) == {"EXIT"}


def test_progress_counts_all_photos(library: Library) -> None:
    for name in ("a", "bb", "ccc"):
        library.add(name, "EXIT")
    library.read(limit=1)
    heard: list[TextProgress] = []
    pictures = PictureSource(PhotoReader(), ImageLimits())
    read_texts(library.store, pictures, library.reader, on_progress=heard.append)
    assert heard[-1] == TextProgress(done=3, read=2, skipped=0)


def test_texts_are_stored_after_a_while_and_not_at_the_end_alone(library: Library) -> None:
    for number in range(9):
        library.add(f"exit{number}", "EXIT")
    stored: list[int] = []

    def look(_: TextProgress) -> None:
        stored.append(sum(text is not None for text in library.texts().values()))

    pictures = PictureSource(PhotoReader(), ImageLimits())
    read_texts(
        library.store, pictures, library.reader, on_progress=look, threads=1, store_seconds=0
    )
    assert 0 < stored[0] < 9


def test_a_changed_photo_loses_its_text_and_the_same_bytes_keep_it(library: Library) -> None:
    library.add("sale", "SUMMER SALE")
    library.read()
    same = library.store.encoded(["sale"])["sale"]
    assert kept_by_index(library.store, [replace(same, text=None, keep="none")]) == "SUMMER SALE"
    other = replace(same, text=None, content_hash=content_hash(b"other"))
    assert kept_by_index(library.store, [other]) is None


def kept_by_index(store: PhotoStore, photos: Sequence[EncodedPhoto]) -> str | None:
    from photoseek.store.lazy import LazyStore

    lazy = LazyStore(store.location)
    lazy.write_photos(photos, [], MODEL)
    text = store.get(["sale"])["sale"].text
    return text.text if text else None


def test_an_index_that_is_gone_is_told(library: Library, tmp_path: Path) -> None:
    library.add("sale", "SUMMER SALE")
    (tmp_path / "index").rename(tmp_path / "moved")
    with pytest.raises(StoreError):
        library.read()
