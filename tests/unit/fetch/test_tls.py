"""TLS verifies the name in the URL, although the connection goes to an address."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.errors import UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.helpers.retry import Pauses
from tests.support.web_server import BODY, PhotoServer, running_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    """A server that proves to be photos.example, at an address that any name leads to."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=photos.example", "-addext", "subjectAltName=DNS:photos.example"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        original = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, *rest, **named: original("127.0.0.1", port, *rest, **named),
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
