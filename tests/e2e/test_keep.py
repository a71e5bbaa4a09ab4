"""`-t index --keep`: what stays of a photo's pixels in the index."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from flows.process import FlowProcess
from photoseek.errors import QueryError
from photoseek.library import Library
from photoseek.settings import load_settings
from photoseek.sources import photo_id
from photoseek.store import open_store
from tests.e2e.terminal import photoseek
from tests.servers import HeldBackPhoto


@pytest.mark.timeout(600)
def test_a_photo_behind_a_url_survives_its_server(drawings: Path, tmp_path: Path) -> None:
    picture = next(drawings.parent.glob("*.jpg")).read_bytes()
    index, manifest = tmp_path / "index", tmp_path / "photos.csv"
    settings = load_settings(index=str(index), model="demo", allow_private_addresses=True)
    with HeldBackPhoto(picture) as web, FlowProcess(settings, private=True) as flow:
        web.allowed.set()
        with manifest.open("w", newline="") as file:
            csv.writer(file).writerows([["url"], [web.url]])
        port = str(flow.settings.http_port)
        options: list[str | Path] = ["--source", manifest, "--index", index, "--http-port", port]
        bare = photoseek("-t", "index", "--keep", "none", *options)
        assert "1 indexed" in bare.stdout, bare.stderr
        own_id = photo_id(web.url)
        with pytest.raises(QueryError, match="keeps no thumbnail"):
            open_store(index).thumbnail(own_id)
        assert not list(index.glob("thumbnails/*/*")) + list(index.glob("originals/*/*"))
        whole = photoseek("-t", "index", "--keep", "original", *options)
        assert "1 indexed" in whole.stdout, whole.stderr
    assert Library(str(index)).original(own_id) == picture
    assert open_store(index).thumbnail(own_id).startswith(b"\xff\xd8")


def test_another_word_is_told(tmp_path: Path) -> None:
    result = photoseek("-t", "index", "--keep", "all")
    assert result.returncode == 2
    assert "invalid choice: 'all'" in result.stderr
    result = photoseek("-t", "status", environment={"PHOTOSEEK_KEEP": "all"}, cwd=tmp_path)
    assert "PHOTOSEEK_KEEP is 'all'. Input should be 'none', 'thumbnail'" in result.stderr
