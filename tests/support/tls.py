"""A web server with a certificate, which it makes by itself."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.web_server import PhotoServer, running_server


@contextmanager
def photos_example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    """A server that proves to be photos.example, by a certificate that clients here trust."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    make_certificate(certificate, key, "DNS:photos.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield server


def make_certificate(certificate: Path, key: Path, name: str) -> None:
    """Write a certificate that signs itself, such as of "DNS:photos.example", and its key."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=photos.example", "-addext", f"subjectAltName={name}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
