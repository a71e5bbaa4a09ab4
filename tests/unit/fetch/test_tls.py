"""TLS verifies the name in the URL, although the connection goes to an address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.errors import UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.helpers.retry import Pauses
from tests.support.tls import photos_example
from tests.support.web_server import BODY, PhotoServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    """A server that any name leads to."""
    resolve = socket.getaddrinfo
    with photos_example(tmp_path, monkeypatch) as server:
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, *rest, **named: resolve("127.0.0.1", port, *rest, **named),
        )
        yield server


def test_right_name(server: PhotoServer) -> None:
    with PhotoReader(allow_private_addresses=True) as reader:
        address = f"https://photos.example:{server.server_port}"
        assert reader.read(address + "/photo.jpg") == BODY
        assert reader.read(address + "/to-photo") == BODY


def test_wrong_name(server: PhotoServer) -> None:
    with (
        PhotoReader(allow_private_addresses=True, pauses=Pauses(first=0.01)) as reader,
        pytest.raises(UnreadablePhotoError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        reader.read(f"https://other.example:{server.server_port}/photo.jpg")
    assert not server.calls
