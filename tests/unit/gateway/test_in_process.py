"""The product behind the routes, in this process: errors, time limits, and the server's end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from huggingface_hub import constants

from photoseek.errors import ServiceError, SettingsError, UnknownModelError
from photoseek.helpers.ports import bound_socket, free_ports
from photoseek.indexing.default_model import default_model
from photoseek.settings import Settings, load_settings
from photoseek.store import open_store
from tests.support.in_process import Running, running_service
from tests.support.servers import HeldBackPhoto
from tests.support.stored_photos import MODEL, encoded
from tests.support.waiting import PATIENCE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    index, uploads = str(tmp_path / "index"), str(tmp_path / "uploads")
    return load_settings(
        index=index,
        model="demo",
        uploads=uploads,
        allow_private_addresses=True,
        fetch_seconds=PATIENCE,
        search_seconds=PATIENCE,
    )


@pytest.fixture
def service(settings: Settings) -> Iterator[Running]:
    with running_service(settings) as service:
        yield service


def send(service: Running, *uris: str) -> httpx.Response:
    photos = [{"id": uri, "uri": uri} for uri in uris]
    url = f"{service.url}/api/index/photos"
    return httpx.post(url, json={"photos": photos}, timeout=PATIENCE, trust_env=False)


def get(service: Running, path: str) -> httpx.Response:
    return httpx.get(f"{service.url}{path}", timeout=PATIENCE, trust_env=False)


def test_a_search_does_not_wait_for_a_batch(service: Running, held_back: HeldBackPhoto) -> None:
    with ThreadPoolExecutor() as pool:
        batch = pool.submit(send, service, held_back.url)
        assert held_back.asked.wait(PATIENCE)
        assert get(service, "/api/search?q=car").json()["hits"] == []
        held_back.allowed.set()
        assert batch.result().json()["outcomes"][0]["outcome"] == "indexed"
    assert get(service, "/api/search?q=car").json()["total"] == 1


def test_an_index_that_goes_away_is_told_and_comes_back(
    service: Running, settings: Settings, drawings: Path, tmp_path: Path
) -> None:
    picture = next(drawings.parent.rglob("*.jpg"))
    assert send(service, str(picture)).json()["outcomes"][0]["error"] == ""
    index = Path(settings.index)
    index.rename(tmp_path / "aside")
    for path in ("/api/search?q=car", "/api/stats", "/api/facets"):
        answer = get(service, path)
        assert answer.status_code == 503
        assert "is gone" in answer.json()["detail"]
    ready = get(service, "/readyz")
    assert ready.status_code == 503
    assert str(index) not in ready.text, "anybody may ask"
    assert "is gone" in get(service, "/api/index").json()["problem"]
    (tmp_path / "aside").rename(index)
    assert get(service, "/api/search?q=car").json()["total"] == 1


def test_an_index_of_another_model_keeps_it_from_starting(settings: Settings) -> None:
    open_store(settings.index, MODEL).upsert([encoded(1)])
    other = settings.model_copy(update={"model": "ViT-B-32:openai"})
    with pytest.raises(Exception, match="was made with the model"), running_service(other):
        pass


def test_a_model_that_is_to_be_downloaded_waits_for_the_first_photo(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    fresh = settings.model_copy(update={"model": default_model()})
    with running_service(fresh) as service:
        assert get(service, "/readyz").status_code == 200
        stats = get(service, "/api/stats").json()
        assert (stats["model"], stats["precision"], stats["photos"]) == (default_model(), "", 0)
        assert get(service, "/api/search?q=car").json()["total"] == 0
    unknown = settings.model_copy(update={"model": "ViT-B-99:nothing"})
    with pytest.raises(UnknownModelError), running_service(unknown):
        pass


def test_a_request_in_flight_is_answered_when_the_server_stops(
    settings: Settings, held_back: HeldBackPhoto
) -> None:
    with ThreadPoolExecutor() as pool:
        with running_service(settings) as service:
            batch = pool.submit(send, service, held_back.url)
            assert held_back.asked.wait(PATIENCE)
            release = threading.Timer(0, held_back.allowed.set)
            release.start()
        assert batch.result().json()["outcomes"][0]["outcome"] == "indexed"
        with pytest.raises(httpx.ConnectError):
            get(service, "/healthz")


def test_a_taken_port_and_a_missing_key_are_told(settings: Settings) -> None:
    from photoseek.gateway.server import serve_in_process

    [port] = free_ports(1)
    taken = settings.model_copy(update={"http_port": port})
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ServiceError, match=f"Port {port} on 127.0.0.1 cannot be used"),
    ):
        serve_in_process(taken)
    open_to_all = settings.model_copy(update={"host": "0.0.0.0"})
    with pytest.raises(SettingsError, match="PHOTOSEEK_API_KEY"):
        serve_in_process(open_to_all)


def test_what_is_written_is_sent_at_once() -> None:
    """asyncio turns Nagle's algorithm off on sockets that it knows for TCP, and on no others."""
    [port] = free_ports(1)
    with bound_socket("127.0.0.1", port, "PHOTOSEEK_HTTP_PORT") as bound:
        assert bound.proto == socket.IPPROTO_TCP
