"""Photos whose names say something else than they are, or what no other system could be told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest

from photoseek.engine import PhotoSearch
from photoseek.settings import load_settings
from tests.support.in_process import running_service
from tests.support.pictures import drawing, saved
from tests.support.waiting import PATIENCE

WRONG = {
    "jpeg_called.png": ("JPEG", "image/jpeg"),
    "png_called.jpg": ("PNG", "image/png"),
    "webp_called.gif": ("WEBP", "image/webp"),
    "tiff_called.JPEG": ("TIFF", "image/tiff"),
    "film.apng": ("PNG", "image/apng"),
}
"""Names, with what the files are and as what they are given out."""

ODD = {
    "hash #1.jpg": "hash #1.jpg",
    "per%41cent.jpg": "per%41cent.jpg",
    "what?.jpg": "what_.jpg",
    "new\nline.jpg": "new_line.jpg",
    "quote\"d 'x'.jpg": "quote_d 'x'.jpg",
    "[bold red]markup[not bold].jpg": "[bold red]markup[not bold].jpg",
    "back\\slash.jpg": "back_slash.jpg",
    "漢字 🏝.jpg": "漢字 🏝.jpg",
    "rtl\u202egpj.jpg": "rtlgpj.jpg",
    "--index.jpg": "--index.jpg",
    "COM1.jpg": "_COM1.jpg",
    "é" * 100 + ".jpg": "é" * 96 + ".jpg",
}
"""Names, with those under which they are saved, which every system takes."""


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    kinds = [(name, kind) for name, (kind, _) in WRONG.items()] + [(name, "JPEG") for name in ODD]
    return {name: saved(drawing(64 + at), kind) for at, (name, kind) in enumerate(kinds)}


@pytest.fixture(scope="module")
def http(
    files: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    home = tmp_path_factory.mktemp("odd")
    for name, data in files.items():
        (home / name).write_bytes(data)
    settings = load_settings(index=str(home / "index"), model="demo", photo_roots=[str(home)])
    with PhotoSearch(settings) as photos:
        assert photos.index(home).indexed == len(files)
    with (
        running_service(settings) as service,
        httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as http,
    ):
        yield http


@pytest.fixture(scope="module")
def ids(http: httpx.Client) -> dict[str, str]:
    """The ids by the names of the files."""
    hits = http.post("/api/search", json={"query": "", "limit": 100}).json()["hits"]
    return {Path(hit["uri"]).name: hit["id"] for hit in hits}


def test_an_original_has_the_type_of_its_content(
    http: httpx.Client, files: Mapping[str, bytes], ids: Mapping[str, str]
) -> None:
    for name, (_, kind) in WRONG.items():
        answer = http.get(f"/api/photos/{quote(ids[name], safe='')}/original")
        assert (answer.headers["content-type"], answer.content) == (kind, files[name])


def test_each_is_shown_and_saved_under_a_name_that_any_system_takes(
    http: httpx.Client, files: Mapping[str, bytes], ids: Mapping[str, str]
) -> None:
    for name, safe in ODD.items():
        place = f"/api/photos/{quote(ids[name], safe='')}"
        assert http.get(f"{place}/thumbnail").status_code == 200
        answer = http.get(f"{place}/original?download=1")
        _, _, told = answer.headers["content-disposition"].partition("filename*=UTF-8''")
        assert (unquote(told), answer.content) == (safe, files[name])


def test_a_zip_has_them_all(
    http: httpx.Client, files: Mapping[str, bytes], ids: Mapping[str, str]
) -> None:
    names = [*WRONG, *ODD]
    answer = http.post("/api/photos/zip", json={"ids": [ids[name] for name in names]})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        unpacked = {name.partition("-")[2]: packed.read(name) for name in packed.namelist()[:-1]}
    assert unpacked == {ODD.get(name, name): files[name] for name in names}
