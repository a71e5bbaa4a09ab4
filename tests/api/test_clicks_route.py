"""What people say of hits, from the API to a table, and to a model that is tuned with it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from photoseek.cli.arguments import parse
from photoseek.cli.clicked_hits import run
from photoseek.evaluation.judgements import read_judgements
from photoseek.settings import Settings, load_settings
from tests.support.in_process import Running, running_service
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("clicked")
    settings = load_settings(
        index=str(folder / "index"), model="demo", uploads=str(folder / "kept"), clicks=True
    )
    with running_service(settings) as running:
        yield running


@pytest.fixture(scope="module")
def http(service: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="module")
def photo(http: httpx.Client) -> str:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(data, "PNG")
    answer = http.post("/api/photos", files={"file": ("red.png", data.getvalue())})
    return str(answer.raise_for_status().json()["id"])


def clicks(settings: Settings, *arguments: str) -> int:
    return run(parse(["clicks", "--index", settings.index, *arguments]), settings)


def test_what_is_said_of_a_hit_becomes_a_table_that_evaluate_takes(
    http: httpx.Client,
    photo: str,
    service: Running,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert http.get("/api/stats").json()["clicks"] is True
    for query, good in (("red  square", False), ("red square", True), ("=sum(1)", False)):
        body = {"query": query, "photo": photo, "good": good}
        assert http.post("/api/clicks", json=body).status_code == 204
    table = tmp_path / "clicks.csv"
    assert clicks(service.settings, "--to", str(table)) == 0
    assert "1 good hits and 1 wrong ones are in" in capsys.readouterr().out
    found = [(one.query, one.photo, one.grade) for one in read_judgements(table)]
    assert found == [("red square", photo, 1.0), ("=sum(1)", photo, 0.0)]
    assert clicks(service.settings, "--json") == 0
    assert capsys.readouterr().out == '{"good": 1, "wrong": 1, "queries": 2}\n'
    assert clicks(service.settings, "--forget") == 0
    assert "3 clicks are removed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "red", "photo": "nobody", "good": True}, 404),
        ({"query": "   ", "photo": "PHOTO", "good": True}, 422),
        ({"query": "", "photo": "PHOTO", "good": True}, 422),
        ({"query": "x" * 1_001, "photo": "PHOTO", "good": True}, 422),
        ({"query": "red", "photo": "PHOTO", "good": "perhaps"}, 422),
        ({"query": "red", "photo": "PHOTO", "good": True, "by": "me"}, 422),
        ({"query": "red", "photo": "PHOTO"}, 422),
        ({"query": "\ud800", "photo": "PHOTO", "good": True}, 422),
    ],
)
def test_nonsense_is_refused_and_not_kept(
    http: httpx.Client, photo: str, service: Running, body: dict[str, object], status: int
) -> None:
    given = {name: photo if value == "PHOTO" else value for name, value in body.items()}
    kind = {"Content-Type": "application/json"}
    answer = http.post("/api/clicks", content=json.dumps(given), headers=kind)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_they_are_kept_only_where_somebody_wants_them(in_process: Running) -> None:
    with httpx.Client(base_url=in_process.url, trust_env=False, timeout=PATIENCE) as client:
        assert client.get("/api/stats").json()["clicks"] is False
        answer = client.post("/api/clicks", json={"query": "red", "photo": "1", "good": True})
    assert answer.status_code == 403
    assert "PHOTOSEEK_CLICKS is off" in answer.json()["detail"]
