from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.helpers.retry import ATTEMPTS, Pauses
from tests.support.waiting import PATIENCE
from tests.support.web_server import BODY, PhotoServer, running_server


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def reader() -> Iterator[PhotoReader]:
    with PhotoReader(
        max_megabytes=1,
        allow_private_addresses=True,
        timeout_seconds=PATIENCE,
        pauses=Pauses(first=0.01, longest=10),
    ) as reader:
        yield reader


@pytest.mark.parametrize(
    "path", ["/photo.jpg", "/to-photo", "/to-endless", "/gzip", "/deflate", "/two-gzips"]
)
def test_bodies(server: PhotoServer, reader: PhotoReader, path: str) -> None:
    assert reader.read(server.url + path) == BODY


def test_query_and_credentials_are_sent(server: PhotoServer, reader: PhotoReader) -> None:
    reader.read(server.url.replace("//", "//me:secret@") + "/photo.jpg?size=large")
    assert server.headers_seen[-1]["Authorization"].startswith("Basic ")


def test_who_asks_is_said(server: PhotoServer, reader: PhotoReader) -> None:
    reader.read(server.url + "/photo.jpg")
    assert server.headers_seen[-1]["User-Agent"].startswith("photoseek/")
    with PhotoReader(allow_private_addresses=True, user_agent="me/1 (a@b.org)") as named:
        named.read(server.url + "/photo.jpg")
    assert server.headers_seen[-1]["User-Agent"] == "me/1 (a@b.org)"


def test_connections_are_used_again_and_cookies_are_not(
    server: PhotoServer, reader: PhotoReader
) -> None:
    for _ in range(5):
        reader.read(server.url + "/photo.jpg")
    assert server.connections == 1
    assert not any("Cookie" in headers for headers in server.headers_seen)


def test_many_threads_share_one_reader(server: PhotoServer, reader: PhotoReader) -> None:
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(reader.read, [server.url + "/photo.jpg"] * 40))
    assert bodies == [BODY] * 40
    assert server.connections <= 8


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/missing", "answers 404 Not Found"),
        ("/403", "answers 403 Forbidden.*without logging in.*PHOTOSEEK_USER_AGENT"),
        ("/599", r"answers 599\."),
        ("/br", r"compresses its answer \(br\)"),
        ("/loop", "more than 5 times"),
        ("/nowhere", "302"),
        ("/to-ftp", "Only http and https"),
        ("/to-file", "Only http and https"),
        ("/to-nonsense", "answer of the server|cannot be used"),
        ("/to-odd-host", "No server can be found at xn--a.invalid"),
        ("/garbage", "answer of the server"),
        ("/short", "answer of the server breaks off"),
    ],
)
def test_refusals_are_told_in_words(
    server: PhotoServer, reader: PhotoReader, path: str, words: str
) -> None:
    with pytest.raises(UnreadablePhotoError, match=words):
        reader.read(server.url + path)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "xn--a.invalid",
            "xn--.invalid",
            "xn--ls8h.invalid",
            "XN--99999.invalid",
            "r2---sn.invalid",
        ),
        *(
            "a..invalid",
            "-a.invalid",
            "x" * 64 + ".invalid",
            "ä" * 64 + ".invalid",
            "\ud800.invalid",
        ),
        *("٣.invalid", "℀.invalid", "host.invalid:99999", "host.invalid:x", "[", "[::1", "me:pw@"),
    ],
)
def test_odd_hosts_are_told_in_words(reader: PhotoReader, host: str) -> None:
    with pytest.raises(UnreadablePhotoError, match=r"No server can be found|URL cannot be used"):
        reader.read(f"http://{host}/photo.jpg")


@pytest.mark.parametrize("host", ["💩.example", "xn--ls8h.example", "me:pw@💩.example"])
def test_emoji_domains_are_asked(
    server: PhotoServer, reader: PhotoReader, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    resolve = socket.getaddrinfo

    def resolved(name: str, *rest: Any, **more: Any) -> Any:
        return resolve("127.0.0.1" if name == "xn--ls8h.example" else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert reader.read(f"http://{host}:{server.server_port}/photo.jpg") == BODY


def test_whatever_reading_raises_belongs_to_that_photo(
    reader: PhotoReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(socket, "getaddrinfo", broken)
    with pytest.raises(UnreadablePhotoError, match="RecursionError"):
        reader.read("http://host.example/photo.jpg")


@pytest.mark.parametrize("path", ["/empty", "/bad-gzip", "/half-gzip"])
def test_damaged_bodies(server: PhotoServer, reader: PhotoReader, path: str) -> None:
    with pytest.raises(DamagedPhotoError):
        reader.read(server.url + path)


@pytest.mark.parametrize("path", ["/large", "/endless", "/bomb"])
def test_limit_counts_the_body_as_it_is_decompressed(
    server: PhotoServer, reader: PhotoReader, path: str
) -> None:
    with pytest.raises(OversizedPhotoError, match="limit is 1 MB.*PHOTOSEEK_MAX_MEGABYTES"):
        reader.read(server.url + path)


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("/flaky", 3),
        ("/busy", 2),
        ("/busy-until", 2),
        ("/busy-oddly", 2),
        ("/busy-beyond-time", 2),
        ("/522", 2),
        ("/408", 2),
    ],
)
def test_passing_trouble_is_tried_again(
    server: PhotoServer, reader: PhotoReader, path: str, calls: int
) -> None:
    assert reader.read(server.url + path) == BODY
    assert server.calls[path] == calls


def test_lasting_trouble_is_given_up(server: PhotoServer, reader: PhotoReader) -> None:
    with pytest.raises(UnreadablePhotoError, match="500 Internal Server Error"):
        reader.read(server.url + "/500")
    assert server.calls["/500"] == ATTEMPTS
    with pytest.raises(UnreadablePhotoError, match="429.*asks to wait 3,600 s"):
        reader.read(server.url + "/busy-for-long")
    assert server.calls["/busy-for-long"] == 1


def test_missing_photos_are_asked_for_once(server: PhotoServer, reader: PhotoReader) -> None:
    with pytest.raises(UnreadablePhotoError):
        reader.read(server.url + "/missing")
    assert server.calls["/missing"] == 1


@pytest.mark.parametrize("path", ["/silent", "/drip-head", "/drip-body"])
def test_time_limit_holds_in_all(server: PhotoServer, path: str) -> None:
    with (
        PhotoReader(allow_private_addresses=True, timeout_seconds=0.4) as reader,
        pytest.raises(UnreadablePhotoError, match="longer than 0.4 s.*PHOTOSEEK_FETCH_SECONDS"),
    ):
        reader.read(server.url + path)


def test_nobody_listens(reader: PhotoReader) -> None:
    with running_server() as gone:
        url = gone.url
    with pytest.raises(UnreadablePhotoError, match="cannot be reached"):
        reader.read(url + "/photo.jpg")


def test_proxies_of_the_environment_are_ignored(
    server: PhotoServer, reader: PhotoReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert reader.read(server.url + "/photo.jpg") == BODY


def test_secrets_in_urls_are_not_repeated(server: PhotoServer, reader: PhotoReader) -> None:
    address = server.url.replace("//", "//user:hunter2@")
    for path in ("/missing?token=hunter2", "/short?token=hunter2", "/500?token=hunter2"):
        with pytest.raises(UnreadablePhotoError) as caught:
            reader.read(address + path)
        assert "hunter2" not in str(caught.value)


def test_closing_ends_the_waiting(server: PhotoServer) -> None:
    reader = PhotoReader(
        allow_private_addresses=True, timeout_seconds=1000, pauses=Pauses(first=600)
    )
    errors: list[BaseException] = []

    def run() -> None:
        try:
            reader.read(server.url + "/500")
        except UnreadablePhotoError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not server.calls["/500"]:
        thread.join(0.005)
    reader.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_reading_after_closing(server: PhotoServer) -> None:
    reader = PhotoReader(allow_private_addresses=True)
    reader.close()
    with pytest.raises(UnreadablePhotoError, match="stopped"):
        reader.read(server.url + "/photo.jpg")


def test_port_is_kept_in_redirects(server: PhotoServer, reader: PhotoReader) -> None:
    assert urlsplit(server.url).port
    assert reader.read(server.url + "/to-loopback") == BODY
