"""What arrives and what does not, from a server that does everything a server may do."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.download import ClosedHosts, Journal, download
from photoseek.download.downloader import READ_AHEAD, READ_AT_ONCE
from photoseek.download.outcomes import FetchError
from photoseek.fetch.http_rules import USER_AGENT
from photoseek.files.filestore import open_files
from photoseek.records import Photo, content_hash
from tests.support.downloads import OPTIONS, arrived, fetch, files, reasons, rows
from tests.support.photo_server import picture
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, PhotoServer, running_server

PNG = picture(1)


@pytest.mark.parametrize("path", ["/1.png", "/to-1", "/to-to-1", "/gzipped"])
def test_photos_arrive_under_the_name_of_their_content(
    server: PhotoServer, tmp_path: Path, path: str
) -> None:
    report = fetch(tmp_path, [server.url + path])
    name = f"{content_hash(PNG)[:2]}/{content_hash(PNG)}.png"
    assert (report.arrived, report.received, report.failed) == (1, len(PNG), {})
    assert arrived(tmp_path) == {server.url + path: name}
    assert (tmp_path / name).read_bytes() == PNG


def test_the_extension_tells_what_the_bytes_are(server: PhotoServer, tmp_path: Path) -> None:
    fetch(tmp_path, [server.url + "/typed-wrongly"])
    [name] = files(tmp_path)
    assert name.endswith(".jpg")


@pytest.mark.parametrize(
    ("path", "reason", "words"),
    [
        ("/missing", "http_404", "answers 404 Not Found"),
        ("/403", "http_403", "without logging in"),
        ("/599", "http_599", "answers 599"),
        ("/500", "http_500", "500 Internal Server Error"),
        ("/busy-for-long", "http_429", "asks to wait 3,600 s"),
        ("/page", "not_a_photo", "File is a web page"),
        ("/photo.jpg", "not_a_photo", "no picture in a known format"),
        ("/half", "damaged", "PNG picture is damaged"),
        ("/empty", "damaged", r"empty body \(0 bytes\)"),
        ("/bad-gzip", "damaged", "compressed answer"),
        ("/half-gzip", "damaged", "breaks off"),
        ("/br", "unreadable", "compresses its answer"),
        ("/large", "too_large", "3.0 MB; the limit is 1 MB"),
        ("/endless", "too_large", "at least 1.. MB; the limit is 1 MB"),
        ("/bomb", "too_large", "the limit is 1 MB"),
        ("/loop", "too_many_redirects", "more than 5 times"),
        ("/nowhere", "http_302", "302"),
        ("/to-ftp", "bad_url", "Only http and https"),
        ("/to-file", "bad_url", "Only http and https"),
        ("/to-nonsense", "bad_url", "cannot be used"),
        ("/short", "broken_answer", "breaks off"),
        ("/garbage", "broken_answer", "is damaged"),
        ("/noai", "noai", "X-Robots-Tag: noai.*PHOTOSEEK_IGNORE_ROBOTS_TAG"),
        ("/noindex", "noindex", "X-Robots-Tag: noindex"),
    ],
)
def test_failures_have_a_word_and_a_sentence(
    server: PhotoServer, tmp_path: Path, path: str, reason: str, words: str
) -> None:
    report = fetch(tmp_path, [server.url + path])
    [row] = rows(tmp_path / "failures.csv")
    assert row["url"] == server.url + path
    assert row["reason"] == reason
    assert re.search(words, row["explanation"]), row["explanation"]
    assert report.failed == {reason: 1}
    assert not files(tmp_path)
    assert not arrived(tmp_path)


def test_connections_that_are_reset(server: PhotoServer, tmp_path: Path) -> None:
    fetch(tmp_path, [server.url + "/reset"])
    assert reasons(tmp_path)[server.url + "/reset"] in ("unreachable", "broken_answer")
    assert server.calls["/reset"] >= OPTIONS.attempts


@pytest.mark.parametrize("path", ["/silent", "/drip-head", "/drip-body"])
def test_the_time_limit_holds_in_all(server: PhotoServer, tmp_path: Path, path: str) -> None:
    fetch(tmp_path, [server.url + path], replace(OPTIONS, seconds=0.3, attempts=1))
    assert reasons(tmp_path) == {server.url + path: "timeout"}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x.jpg",
        "http://",
        "photo.jpg",
        "http://[::1/x.jpg",
        "http://host:99999/x",
        "http://a b/x.jpg",
        "http://" + "x" * 70_000,
        "http://exa\x07mple/x",
        "http://xn--a.invalid/x",
        "http://💩.invalid/x",
        "http://" + "x" * 64 + ".invalid/x",
        "http://a..invalid/x",
    ],
)
def test_urls_that_are_none(tmp_path: Path, url: str) -> None:
    report = fetch(tmp_path, [url])
    assert report.failed in ({"bad_url": 1}, {"unknown_host": 1})


def test_nobody_listens(tmp_path: Path) -> None:
    with running_server() as gone:
        url = gone.url + "/1.png"
    fetch(tmp_path, [url])
    assert reasons(tmp_path) == {url: "unreachable"}


@pytest.mark.parametrize(
    ("path", "calls"), [("/500-once", 2), ("/429-once", 2), ("/522-once", 2), ("/503-once", 2)]
)
def test_passing_trouble_is_tried_again(
    server: PhotoServer, tmp_path: Path, path: str, calls: int
) -> None:
    assert fetch(tmp_path, [server.url + path]).arrived == 1
    assert server.calls[path] == calls
    assert not reasons(tmp_path)


def test_attempts_are_counted_and_lasting_trouble_is_not_tried_again(
    server: PhotoServer, tmp_path: Path
) -> None:
    fetch(tmp_path, [server.url + path for path in ("/500", "/missing", "/page")])
    assert server.calls == {"/500": OPTIONS.attempts, "/missing": 1, "/page": 1}


def test_a_server_that_asks_for_a_long_rest_is_left_alone(
    server: PhotoServer, tmp_path: Path
) -> None:
    """The first answer tells it; the other photos of that server are not even asked for."""
    urls = [server.url + "/busy-for-long", *(f"{server.url}/{n}.png" for n in range(20))]
    report = fetch(tmp_path, urls, replace(OPTIONS, per_host=1))
    assert server.calls == {"/busy-for-long": 1}
    assert report.failed == {"http_429": 21}
    fetch(tmp_path, urls[1:])
    assert len(arrived(tmp_path)) == 20


def test_a_long_rest_lasts_until_it_is_over(server: PhotoServer, tmp_path: Path) -> None:
    """Also for the next look at a list, and where other servers redirect to it."""
    url, closed = server.url + "/busy-for-long", ClosedHosts()
    fetch(tmp_path, [url], closed=closed)
    with running_server({"": lambda h: h.answer(302, Location=url)}) as other:
        report = fetch(tmp_path, [url, other.url + "/1", server.url + "/1.png"], closed=closed)
    assert report.failed == {"http_429": 3}
    assert server.calls == {"/busy-for-long": 1}


def test_a_rest_is_over_when_it_is_over() -> None:
    closed = ClosedHosts()
    closed.close("a", FetchError("http_503", "Busy.", 60), seconds=60)
    closed.close("a", FetchError("http_429", "Busy.", 0), seconds=0)
    with pytest.raises(FetchError, match="Busy") as caught:
        closed.check("a")
    assert (caught.value.reason, caught.value.host) == ("http_503", "a")
    closed.close("b", FetchError("http_429", "Busy.", 0), seconds=0)
    closed.check("b")
    closed.check("c")


def test_a_server_may_say_much_in_its_headers(server: PhotoServer, tmp_path: Path) -> None:
    policy = "img-src " + "https://cdn.example/path " * 400
    server.routes["/1.png"] = lambda h: h.answer(200, PNG, Content_Security_Policy=policy)
    assert len(policy) > 9000
    assert fetch(tmp_path, [server.url + "/1.png"]).arrived == 1


def test_ctrl_c_does_not_wait_for_a_name_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, answered = threading.Event(), threading.Event()

    def slow(*_: object) -> list[object]:
        os.kill(os.getpid(), signal.SIGINT)
        released.wait(PATIENCE)
        answered.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, ["http://photos.example/1.jpg"])
    assert not answered.is_set()
    released.set()


def test_the_robots_tag_can_be_ignored(server: PhotoServer, tmp_path: Path) -> None:
    options = replace(OPTIONS, ignore_robots_tag=True)
    report = fetch(tmp_path, [server.url + "/noai", server.url + "/noindex"], options)
    assert (report.arrived, len(files(tmp_path))) == (2, 1)


def test_urls_are_sent_as_they_stand(server: PhotoServer, tmp_path: Path) -> None:
    """Whatever a client decodes and encodes anew breaks the signature of a signed URL."""
    path = "/signed?key=a%2Fb%3D%7E+c%20d&sign=%C3%BC~!*()"
    seen: list[str] = []

    def answer(handler: Handler) -> None:
        seen.append(handler.path)
        handler.answer(200, PNG)

    server.routes["/signed"] = answer
    assert fetch(tmp_path, [server.url + path]).arrived == 1
    assert seen == [path]


def test_letters_beyond_ascii(server: PhotoServer, tmp_path: Path) -> None:
    url = server.url + "/photo of grün.png"
    assert fetch(tmp_path, [url]).arrived == 1
    assert arrived(tmp_path).keys() == {url}


def test_no_cookies_no_proxies_no_compression(
    server: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    fetch(tmp_path, [server.url + "/photo.jpg"])
    fetch(tmp_path, [f"{server.url}/{n}.png" for n in range(5)])
    for headers in server.headers_seen:
        assert "Cookie" not in headers
        assert (headers["Accept-Encoding"], headers["User-Agent"]) == ("identity", USER_AGENT)
    fetch(tmp_path, [server.url + "/named.jpg"], replace(OPTIONS, user_agent="me/1 (a@b.org)"))
    assert server.headers_seen[-1]["User-Agent"] == "me/1 (a@b.org)"


def test_secrets_in_urls_are_not_in_explanations(server: PhotoServer, tmp_path: Path) -> None:
    address = server.url.replace("//", "//user:hunter2@")
    paths = ("/missing?token=hunter2", "/short?token=hunter2", "/to-ftp?token=hunter2")
    fetch(tmp_path, [address + path for path in paths])
    found = rows(tmp_path / "failures.csv")
    assert len(found) == 3
    assert not [row for row in found if "hunter2" in row["explanation"]]


def test_connections_are_used_again_and_the_last_of_a_server_is_not_kept(
    server: PhotoServer, tmp_path: Path
) -> None:
    urls = [f"{server.url}/{number}.png" for number in range(40)]
    fetch(tmp_path, urls, replace(OPTIONS, per_host=2))
    assert server.connections <= 4
    closing = [headers.get("Connection") == "close" for headers in server.headers_seen]
    assert any(closing[-2:])  # of two that are asked at once, either is seen first
    assert not any(closing[:-4])


def test_a_long_list_is_read_as_it_is_needed(server: PhotoServer, tmp_path: Path) -> None:
    count, options = 1500, replace(OPTIONS, concurrency=2)
    ahead = []

    def listed() -> Iterator[str]:
        for number in range(count):
            ahead.append(number - server.calls.total())
            yield f"{server.url}/none/{number}"

    with Journal(tmp_path) as journal:
        photos = (Photo(id=url, uri=url) for url in listed())
        report = download(photos, open_files(str(tmp_path)), journal, options)
    assert report.failed == {"http_404": count}
    assert max(ahead) <= 2 * READ_AHEAD + READ_AT_ONCE + 2
