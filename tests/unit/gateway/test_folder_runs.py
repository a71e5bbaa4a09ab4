"""One run over a folder at a time, and what becomes of it when the gateway stops."""

from __future__ import annotations

from pathlib import Path

import httpx

from photoseek import PhotoSearch
from photoseek.gateway.route_policy import THIS_MACHINE
from photoseek.settings import load_settings
from tests.support.in_process import running_service


def test_a_gateway_that_stops_keeps_what_is_indexed(drawings: Path, tmp_path: Path) -> None:
    settings = load_settings(
        index=str(tmp_path / "index"), model="demo", uploads="off", batch_size=2
    )
    run = {"path": str(drawings.parent)}
    with running_service(settings) as service:
        url = f"{service.url}{THIS_MACHINE}/run"
        assert httpx.post(url, json=run, trust_env=False).status_code == 202
        second = httpx.post(url, json=run, trust_env=False)
        assert second.status_code == 409
        assert "is being indexed" in second.json()["detail"]
        assert httpx.delete(url, trust_env=False).status_code == 409
    with PhotoSearch(settings) as search:
        before = search.status().photos
        report = search.index(drawings.parent)
        assert report.unchanged == before
        assert search.status().photos == len(list(drawings.parent.glob("*.jpg")))
