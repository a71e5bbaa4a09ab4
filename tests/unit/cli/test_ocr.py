"""`photoseek ocr`, from its arguments to what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from typing_extensions import override

from photoseek.cli.arguments import parse
from photoseek.cli.child import Attempt
from photoseek.cli.connection import connect
from photoseek.cli.ocr import run
from photoseek.cli.runs import with_reading_remark
from photoseek.errors import MissingPackageError, ServiceError, StoreError
from photoseek.gateway.routes.index_models import IndexModel
from photoseek.helpers import extras
from photoseek.indexing import text_run
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindexing import reindex
from photoseek.records import (
    EncodedPhoto,
    IndexReport,
    Photo,
    Pixels,
    Status,
    TextLine,
    content_hash,
)
from photoseek.settings import load_settings
from photoseek.store import PhotoStore, open_store
from tests.support.in_process import running_service
from tests.support.stored_photos import MODEL, vector_of
from tests.support.text_reader import KnowsWords, png, sign


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    """An index of a sign, of a picture without writing, and of one whose file is damaged."""
    store = open_store(tmp_path / "index", MODEL)
    pictures = {"sale": png(sign("SUMMER SALE")), "empty": png(sign()), "bad": b"no picture"}
    for name, data in pictures.items():
        (tmp_path / f"{name}.png").write_bytes(data)
        photo = Photo(name, str(tmp_path / f"{name}.png"), "1")
        store.upsert([EncodedPhoto(photo, content_hash(data), 640, 400, vector_of(1), b"")])
    return store


def read(store: PhotoStore, *arguments: str) -> int:
    options = parse(["ocr", "--index", store.location, *arguments])
    options.attempt = Attempt()
    return run(options, load_settings(index=store.location))


def test_it_reads_and_tells(
    store: PhotoStore, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("rapidocr")
    assert read(store, "-n", "1", "--filter", "id = sale") == 0
    assert "1 read, 1 of them with text in" in capsys.readouterr().out
    assert read(store, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["read"], report["unchanged"], report["with_text"]) == (1, 1, 0)
    [skip] = report["skipped"]
    assert skip["uri"] == str(tmp_path / "bad.png")
    assert read(store, "--filter", "id = bad") == 1
    printed = capsys.readouterr().out
    assert "1 skipped" in printed
    assert "no picture in a known format" in printed
    text = store.get(["sale"])["sale"].text
    assert text is not None
    assert text.text == "SUMMER SALE"
    assert text.reader.startswith("rapidocr ")


class Reindexes(KnowsWords):
    """A reader that lets another index take the place of this one at its second picture."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self._settings = load_settings(index=location, model="demo")
        self._numbers = count(1)

    @override
    def lines(self, pixels: Pixels) -> Iterator[TextLine]:
        yield from super().lines(pixels)
        if next(self._numbers) == 2:
            model = model_of(self._settings, on_demand=True)
            assert reindex(self._settings, model, leave_out=True).is_switched


def test_what_was_read_before_a_switch_counts_as_well(
    store: PhotoStore,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("exit", "coffee"):
        data = png(sign(name.upper()))
        (tmp_path / f"{name}.png").write_bytes(data)
        photo = Photo(name, str(tmp_path / f"{name}.png"), "1")
        store.upsert([EncodedPhoto(photo, content_hash(data), 640, 400, vector_of(2), b"")])
    reader = Reindexes(store.location)
    monkeypatch.setattr(extras, "has_extra", lambda _: True)
    monkeypatch.setattr(text_run, "STORED_AT_ONCE", 1)
    monkeypatch.setattr(text_run, "new_reader", lambda: reader)
    assert read(store, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["read"], report["with_text"], report["unchanged"]) == (4, 3, 0)
    assert reader.read == 4
    now = open_store(store.location)
    assert now.model.name == "demo"
    assert {each.photo.id: each.text and each.text.text for each in now.browse(9)} == {
        "sale": "SUMMER SALE", "exit": "EXIT", "coffee": "COFFEE", "empty": "",
    }  # fmt: skip


def test_without_an_index_and_without_the_extra_it_says_so(
    store: PhotoStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "has_extra", lambda _: True)
    with pytest.raises(StoreError, match="no index"):
        run(parse(["ocr"]), load_settings(index=str(tmp_path / "elsewhere")))
    monkeypatch.setattr(extras, "has_extra", lambda _: False)
    with pytest.raises(MissingPackageError, match=r"(?s)package rapidocr.*\[ocr\]"):
        read(store)
    with pytest.raises(MissingPackageError):
        run(parse(["ocr"]), load_settings(index=store.location))


def test_who_reads_while_indexing_is_told_of_photos_that_were_there() -> None:
    reads, does_not = load_settings(ocr=True), load_settings()
    [remark] = with_reading_remark(IndexReport(indexed=1, unchanged=2), reads).remarks
    assert "ocr" in remark
    assert with_reading_remark(IndexReport(indexed=1), reads).remarks == ()
    assert with_reading_remark(IndexReport(unchanged=2), does_not).remarks == ()


def test_a_gateway_tells_whether_it_reads_and_is_not_used_where_it_does_not(
    store: PhotoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Status.__dataclass_fields__.keys() <= IndexModel.model_fields.keys()
    settings = load_settings(index=store.location, ocr=True, uploads="off")
    monkeypatch.setattr(extras, "has_extra", lambda _: True)
    for reads in (True, False):
        with running_service(settings.model_copy(update={"ocr": reads})) as service:
            asked = settings.model_copy(update={"gateway": service.url})
            if reads:
                with connect(asked, new_index=True) as index:
                    assert index.status().reads_text
                continue
            reason = "does not read the text in pictures. Start it with PHOTOSEEK_OCR=true"
            with pytest.raises(ServiceError, match=reason), connect(asked, new_index=True):
                raise AssertionError("it is used")
            with connect(asked, new_index=False) as index:
                assert not index.status().reads_text
