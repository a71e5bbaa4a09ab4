"""A URL must not reach into a private network, however it is spelt or redirected."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from photoseek.errors import UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.fetch.ssrf import is_public
from photoseek.helpers.retry import Pauses
from tests.support.names import Names
from tests.support.waiting import PATIENCE
from tests.support.web_server import BODY, PhotoServer, running_server


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def reader() -> Iterator[PhotoReader]:
    with PhotoReader(timeout_seconds=PATIENCE, pauses=Pauses(first=0.01)) as reader:
        yield reader


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "169.254.169.254",
        "2852039166",
        "[::ffff:a9fe:a9fe]",
    ],
)
def test_spellings_of_private_hosts_are_refused(
    server: PhotoServer, reader: PhotoReader, host: str
) -> None:
    with pytest.raises(
        UnreadablePhotoError, match="no public address.*ALLOW_PRIVATE|No server|cannot be used"
    ):
        reader.read(f"http://{host}:{server.server_port}/photo.jpg")
    assert not server.calls


def _resolve_with(monkeypatch: pytest.MonkeyPatch, names: Names) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names)


def test_one_private_address_among_public_ones_is_enough(
    reader: PhotoReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolve_with(monkeypatch, Names(mixed_example=[["93.184.216.34", "10.0.0.7"]]))
    with pytest.raises(UnreadablePhotoError, match=r"mixed.example is at 10\.0\.0\.7"):
        reader.read("http://mixed.example/photo.jpg")


def test_the_address_that_was_checked_is_the_one_connected_to(
    server: PhotoServer, reader: PhotoReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that turns private after the check (DNS rebinding) is not asked a second time."""
    names = Names(rebind_example=[["93.184.216.34"], ["127.0.0.1"]])
    _resolve_with(monkeypatch, names)
    reached: list[str] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        reached.append(address[0])
        return _connected_to(server)

    monkeypatch.setattr("httpcore._backends.sync.socket.create_connection", connect)
    assert reader.read("http://rebind.example/photo.jpg") == BODY
    assert reached == ["93.184.216.34"]
    assert names.asked == ["rebind.example"]
    assert server.headers_seen[-1]["Host"] == "rebind.example"


def _connected_to(server: PhotoServer) -> socket.socket:
    stream = socket.socket()
    stream.connect(("127.0.0.1", server.server_port))
    return stream


@pytest.mark.parametrize("path", ["/to-loopback", "/to-metadata"])
def test_redirects_are_checked_too(
    server: PhotoServer, reader: PhotoReader, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    _resolve_with(monkeypatch, Names(public_example=[["93.184.216.34"]]))

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        assert address[0] == "93.184.216.34"
        return _connected_to(server)

    monkeypatch.setattr("httpcore._backends.sync.socket.create_connection", connect)
    with pytest.raises(UnreadablePhotoError, match="no public address"):
        reader.read("http://public.example" + path)
    assert server.calls == {path: 1}


def test_next_address_is_tried_when_one_does_not_answer(
    server: PhotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(two_example=[["127.0.0.2", "127.0.0.1"]])  # the server listens on one of them
    _resolve_with(monkeypatch, names)
    with PhotoReader(allow_private_addresses=True) as reader:
        assert reader.read(f"http://two.example:{server.server_port}/photo.jpg") == BODY


@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_names_that_cannot_be_resolved(
    reader: PhotoReader, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def fail(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(error, "failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(UnreadablePhotoError, match="No server can be found|name server"):
        reader.read("http://missing.example/photo.jpg")


def test_names_too_long_to_exist(reader: PhotoReader) -> None:
    with pytest.raises(UnreadablePhotoError):
        reader.read(f"http://{'x' * 70}.example/photo.jpg")
