"""No URL of a list reaches into a private network, however it is spelt, named or redirected."""

from __future__ import annotations

import socket
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.downloads import OPTIONS, arrived, fetch, reasons, rows
from tests.support.names import Names
from tests.support.tls import photos_example
from tests.support.web_server import PhotoServer

PUBLIC = replace(OPTIONS, allow_private_addresses=False)


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    """A server that any name leads to."""
    resolve = socket.getaddrinfo
    with photos_example(tmp_path, monkeypatch) as server:
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, *rest, **named: resolve("127.0.0.1", port, *rest, **named),
        )
        yield server


@pytest.fixture
def reached(server: PhotoServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; the public one among them leads to the server."""
    reached: list[str] = []
    connect = BaseSelectorEventLoop.sock_connect

    async def to_server(loop: Any, sock: socket.socket, address: tuple[str, int]) -> None:
        reached.append(address[0])
        await connect(loop, sock, ("127.0.0.1", server.server_port))

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", to_server)
    return reached


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "0.0.0.0",
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "169.254.169.254",
        "2852039166",
    ],
)
def test_spellings_of_private_hosts_are_refused(
    server: PhotoServer, tmp_path: Path, host: str
) -> None:
    url = f"http://{host}:{server.server_port}/1.png"
    fetch(tmp_path, [url], PUBLIC)
    assert reasons(tmp_path)[url] in ("private_address", "bad_url", "unknown_host")
    assert not server.calls


def test_the_sentence_says_what_to_do(server: PhotoServer, tmp_path: Path) -> None:
    fetch(tmp_path, [server.url + "/1.png"], PUBLIC)
    [row] = rows(tmp_path / "failures.csv")
    assert row["reason"] == "private_address"
    assert "127.0.0.1, which is no public address" in row["explanation"]
    assert "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES=true" in row["explanation"]


def test_one_private_address_among_public_ones_is_enough(
    reached: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(mixed_example=[["93.184.216.34", "10.0.0.7"]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    fetch(tmp_path, ["http://mixed.example/1.png"], PUBLIC)
    assert reasons(tmp_path) == {"http://mixed.example/1.png": "private_address"}
    assert not reached


def test_the_address_that_was_checked_is_the_one_connected_to(
    reached: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that turns private after the check (DNS rebinding) is not asked a second time."""
    names = Names(rebind_example=[["93.184.216.34"], ["127.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    fetch(tmp_path, ["http://rebind.example/1.png"], PUBLIC)
    assert len(arrived(tmp_path)) == 1
    assert reached == ["93.184.216.34"]
    assert names.asked == ["rebind.example"]


@pytest.mark.parametrize("path", ["/to-loopback", "/to-metadata"])
def test_redirects_are_checked_too(
    server: PhotoServer,
    reached: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    names = Names(public_example=[["93.184.216.34"]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    url = "http://public.example" + path
    fetch(tmp_path, [url], PUBLIC)
    assert reasons(tmp_path) == {url: "private_address"}
    assert (server.calls, reached) == ({path: 1}, ["93.184.216.34"])


@pytest.mark.parametrize(
    ("error", "reason"),
    [(socket.EAI_NONAME, "unknown_host"), (socket.EAI_AGAIN, "unreachable")],
)
def test_names_that_cannot_be_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, reason: str
) -> None:
    def fail(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(error, "failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    fetch(tmp_path, ["http://missing.example/1.png"], PUBLIC)
    assert reasons(tmp_path) == {"http://missing.example/1.png": reason}


def test_the_next_address_is_tried_when_one_does_not_answer(
    server: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(two_example=[["127.0.0.2", "127.0.0.1"]])  # the server listens on one of them
    monkeypatch.setattr(socket, "getaddrinfo", names)
    fetch(tmp_path, [f"http://two.example:{server.server_port}/1.png"])
    assert len(arrived(tmp_path)) == 1


def test_tls_verifies_the_name(tls_server: PhotoServer, tmp_path: Path) -> None:
    port = tls_server.server_port
    right, wrong = f"https://photos.example:{port}/photo.jpg", f"https://other.example:{port}/x"
    fetch(tmp_path, [right, wrong])
    assert reasons(tmp_path) == {right: "not_a_photo", wrong: "bad_certificate"}
    assert tls_server.calls == {"/photo.jpg": 1}
