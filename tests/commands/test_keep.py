"""`-t index --keep`: what stays of a photo's pixels in the index."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import httpx
import pytest

from photoseek.engine import PhotoSearch
from photoseek.errors import QueryError
from photoseek.settings import load_settings
from photoseek.sources import photo_id
from photoseek.store import open_store
from tests.support.in_process import running_service
from tests.support.servers import held_back_photo
from tests.support.terminal import photoseek
from tests.support.waiting import PATIENCE


@pytest.mark.timeout(600)
def test_a_photo_behind_a_url_survives_its_server(drawings: Path, tmp_path: Path) -> None:
    picture = next(drawings.parent.glob("*.jpg")).read_bytes()
    index, manifest = tmp_path / "index", tmp_path / "photos.csv"
    settings = load_settings(index=str(index), model="demo", allow_private_addresses=True)
    with running_service(settings) as service:
        with held_back_photo(picture) as web:
            web.allowed.set()
            with manifest.open("w", newline="") as file:
                csv.writer(file).writerows([["url"], [web.url]])
            port = str(service.settings.http_port)
            options: list[str | Path] = [
                *("--source", manifest),
                *("--index", index, "--http-port", port),
            ]
            bare = photoseek("-t", "index", "--keep", "none", *options)
            assert "1 indexed" in bare.stdout, bare.stderr
            own_id = photo_id(web.url)
            with pytest.raises(QueryError, match="keeps no thumbnail"):
                open_store(index).thumbnail(own_id)
            assert not list(index.glob("thumbnails/*/*")) + list(index.glob("originals/*/*"))
            with httpx.Client(base_url=service.url, trust_env=False) as http:
                answer = http.get(f"/api/photos/{own_id}/original")
            assert (answer.status_code, answer.headers["location"]) == (307, web.url)
            whole = photoseek("-t", "index", "--keep", "original", *options)
            assert "1 indexed" in whole.stdout, whole.stderr
        with pytest.raises(httpx.ConnectError):
            httpx.get(web.url, trust_env=False)
        _is_there(service.url, own_id, picture)
    assert PhotoSearch.open(str(index)).original(own_id) == picture
    assert open_store(index).thumbnail(own_id).startswith(b"\xff\xd8")


def _is_there(url: str, own_id: str, picture: bytes) -> None:
    """The photo can be seen, saved and packed."""
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as http:
        for parameters, opened in (({}, "inline"), ({"download": 1}, "attachment")):
            answer = http.get(f"/api/photos/{own_id}/original", params=parameters)
            assert (answer.status_code, answer.content) == (200, picture)
            assert answer.headers["content-type"] == "image/jpeg"
            assert (
                answer.headers["content-disposition"] == f"{opened}; filename*=UTF-8''held-back.jpg"
            )
        packed = zipfile.ZipFile(
            io.BytesIO(http.post("/api/photos/zip", json={"ids": [own_id]}).content)
        )
    assert packed.read("001-held-back.jpg") == picture
    table = csv.DictReader(io.StringIO(packed.read("attributions.csv").decode("utf-8-sig")))
    assert [(row["file"], row["problem"]) for row in table] == [("001-held-back.jpg", "")]


def test_another_word_is_told(tmp_path: Path) -> None:
    result = photoseek("-t", "index", "--keep", "all")
    assert result.returncode == 2
    assert "invalid choice: 'all'" in result.stderr
    result = photoseek("-t", "status", environment={"PHOTOSEEK_KEEP": "all"}, cwd=tmp_path)
    assert "PHOTOSEEK_KEEP is 'all'. Give 'none', 'thumbnail'" in result.stderr
