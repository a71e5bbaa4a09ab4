"""Searches at stock services: pages, limits, failures, credit, and keys that nobody sees."""

from __future__ import annotations

import json
import logging
import re
import shlex
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from photoseek.cli.arguments import parse
from photoseek.cli.main import main
from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source
from photoseek.sources.stock import StockSource, download_url, open_stock
from tests.support.stock_services import (
    KEY,
    Fault,
    StockServer,
    pexels_photo,
    running_stock,
    unsplash_photo,
)

MAKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "unsplash": unsplash_photo,
    "pexels": pexels_photo,
}
NAMES = {"unsplash_access_key", "pexels_api_key", "unsplash_api", "pexels_api"}
LIMIT = Fault(403, b"Rate Limit Exceeded", {"X-Ratelimit-Remaining": "0"})


def settings_of(api: str) -> Settings:
    """Settings of a user with keys for services that answer there."""
    return load_settings(
        unsplash_access_key=KEY, pexels_api_key=KEY, unsplash_api=api, pexels_api=api
    )


@pytest.fixture
def server() -> Iterator[StockServer]:
    with running_stock() as server:
        yield server


@pytest.fixture(params=MAKERS)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(server: StockServer, scheme: str) -> Callable[..., StockSource]:
    def open_it(count: int = 5, query: str = "red car") -> StockSource:
        if not server.photos:
            server.photos = [MAKERS[scheme](number) for number in range(count)]
        return open_stock(f"{scheme}:{query}", settings_of(server.url))

    return open_it


def unsplash(server: StockServer, *photos: Any) -> StockSource:
    server.photos = list(photos)
    return open_stock("unsplash:red car", settings_of(server.url))


def photos(found: list[Photo | Skip]) -> list[Photo]:
    assert all(isinstance(entry, Photo) for entry in found), found
    return [entry for entry in found if isinstance(entry, Photo)]


def test_every_page_is_read_in_order(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    source = opened(200, query="  red   car ")
    assert source.location == f"{scheme}:red car"
    assert source.count() == 200
    pages = {"unsplash": 7, "pexels": 3}[scheme]
    ids = [photo.id for photo in photos(list(source))]
    assert len(ids) == len(set(ids)) == 200
    assert all(photo_id.startswith(f"{scheme}:") for photo_id in ids)
    assert server.pages == [*range(1, pages + 1)], "opening has asked for the first page"
    assert {parse_qs(urlsplit(path).query)["query"][0] for path in server.asked} == {"red car"}


def test_pages_that_nobody_needs_are_not_asked_for(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    size = {"unsplash": 30, "pexels": 80}[scheme]
    source = opened(500)
    assert len(list(islice(source, size))) == size
    assert server.pages == [1]
    assert len(list(islice(source, size + 1))) == size + 1
    assert server.pages == [1, 1, 2]


def test_a_photo_of_unsplash(server: StockServer) -> None:
    [photo] = photos(list(unsplash(server, unsplash_photo(7))))
    url = urlsplit(photo.uri)
    parameters = parse_qs(url.query)
    assert (url.hostname, url.path) == ("images.unsplash.com", "/photo-u007")
    assert "ixid" in parameters
    assert (parameters["w"], parameters["fit"], parameters["fm"]) == (["1080"], ["max"], ["jpg"])
    assert photo.id == "unsplash:u007"
    assert photo.version == "2026-05-01T10:00:00Z"
    assert photo.caption == "red car 7"
    assert photo.tags == ("car", "red")
    assert (photo.photographer, photo.licence) == ("Ada Lovelace", "Unsplash License")
    credit = "?utm_source=photoseek&utm_medium=referral"
    assert photo.source_url == f"https://unsplash.com/photos/u007{credit}"
    assert photo.metadata["photographer_url"] == f"https://unsplash.com/@ada{credit}"
    assert photo.metadata["download_location"].startswith(f"{server.url}/photos/u007/download?ixid")
    assert photo.metadata["original_width"] == "4000"


def test_a_description_comes_first_and_plus_has_its_own_licence(server: StockServer) -> None:
    own = unsplash_photo(1, description="My car", premium=True)
    [photo] = photos(list(unsplash(server, own)))
    assert (photo.caption, photo.licence) == ("My car", "Unsplash+ License")


def test_a_photo_of_pexels(server: StockServer) -> None:
    server.photos = [pexels_photo(7)]
    [photo] = photos(list(open_stock("Pexels:red car", settings_of(server.url))))
    assert photo == Photo(
        id="pexels:1007",
        uri="https://images.pexels.com/photos/1007/p.jpeg?h=650&w=940",
        version="3024x4032#978E82",
        caption="Red car on a street",
        photographer="Grace Hopper",
        licence="Pexels License",
        source_url="https://www.pexels.com/photo/red-car-1007/",
        metadata={
            "photographer_url": "https://www.pexels.com/@grace",
            "original_width": "3024",
            "original_height": "4032",
        },
    )


def test_a_photo_is_the_same_in_every_answer_until_it_changes(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    source = opened(3)
    [first, second] = [[photo.fingerprint for photo in photos(list(source))] for _ in range(2)]
    assert first == second
    assert "" not in first
    change = {"unsplash": {"updated_at": "2026-06-01"}, "pexels": {"avg_color": "#000000"}}[scheme]
    server.photos = [MAKERS[scheme](number, **change) for number in range(3)]
    assert not {photo.fingerprint for photo in photos(list(source))} & set(first)


def test_an_entry_that_is_no_photo_is_left_out(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    place = {"unsplash": "urls", "pexels": "src"}[scheme]
    odd: list[Any] = [None, 5, [], {}, {place: None}, {place: {"raw": 3, "large": []}}]
    odd += [{**MAKERS[scheme](1), place: {"raw": url, "large": url}} for url in ODD_URLS]
    odd.append({**MAKERS[scheme](1), "id": None})
    server.photos = [*odd, MAKERS[scheme](2)]
    found = list(opened())
    assert [isinstance(entry, Skip) for entry in found] == [True] * len(odd) + [False]
    assert all(isinstance(entry, Photo) or entry.unclear for entry in found)


ODD_URLS = ["", "x", "file:///etc/passwd", "http://", "http://[", "javascript:alert(1)", "//a/b"]


def test_results_that_move_to_the_next_page_come_once(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    size = {"unsplash": 30, "pexels": 80}[scheme]
    source = opened(size + 10)
    server.photos.insert(0, MAKERS[scheme](999))
    assert len(photos(list(source))) == size + 10


def test_an_answer_that_never_ends_does(server: StockServer) -> None:
    page = {"total": 9, "total_pages": 10**9, "results": [unsplash_photo(1)]}
    server.faults.extend([Fault(200, json.dumps(page).encode())] * 5)
    source = open_stock("unsplash:x", settings_of(server.url))
    assert len(list(source)) == 1
    assert server.pages == [1, 2]


def test_nothing_found(opened: Callable[..., StockSource], server: StockServer) -> None:
    with pytest.raises(SourceError, match="finds no photos for 'red car'"):
        opened(0)


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'{"results": 3, "photos": {}}'])
def test_answers_of_another_kind_hold_no_photos(
    opened: Callable[..., StockSource], server: StockServer, body: bytes
) -> None:
    server.faults.append(Fault(200, body))
    with pytest.raises(SourceError, match="finds no photos"):
        opened()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(503, b""),
        Fault(200, b"{not json"),
        Fault(200, b"\xff\xfe"),
        Fault(200, b"{}", {"Content-Length": "500"}),
        Fault(429, b"", {"Retry-After": "0"}),
        Fault(429, b"", {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "0"}),
    ],
)
def test_what_may_pass_is_tried_again(
    opened: Callable[..., StockSource], server: StockServer, fault: Fault
) -> None:
    server.faults.extend([fault] * 2)
    assert len(photos(list(opened(3)))) == 3
    assert server.pages == [1, 1, 1]


@pytest.mark.parametrize(
    ("fault", "message", "times"),
    [
        (Fault(500), "answers 500 Internal Server Error. Try again later.", 4),
        (Fault(200, b"{not json"), "gives an answer that is no JSON. Try again later.", 4),
        (Fault(429, b"", {"Retry-After": "0"}), "allows this key no more requests for", 4),
        (Fault(429, b"", {"Retry-After": "3600"}), "no more requests for another 3,600 s", 1),
        (Fault(429), "allows this key no more requests. What is indexed stays", 1),
        (LIMIT, "allows this key no more requests. What is indexed stays", 1),
        (Fault(403), "refuses the key (403). Check PHOTOSEEK_", 1),
        (Fault(401), "refuses the key (401). Check PHOTOSEEK_", 1),
        (Fault(404), "answers 404 Not Found.", 1),
        (Fault(302, b"", {"Location": "/v1/search"}), "a redirect that is not followed", 1),
        (Fault(200, b" " * 9_000_000), "more than 8,000,000 bytes", 1),
    ],
)
def test_what_does_not_pass_is_told(
    opened: Callable[..., StockSource],
    server: StockServer,
    fault: Fault,
    message: str,
    times: int,
) -> None:
    server.faults.extend([fault] * times)
    with pytest.raises(SourceError, match=re.escape(message)) as failure:
        opened()
    assert len(server.asked) == times
    assert KEY not in str(failure.value)


def test_a_limit_on_a_later_page_ends_the_source_with_a_reason(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    source = opened(200)
    server.faults.append(Fault(429, b"", {"Retry-After": "3600"}))
    *found, last = list(source)
    assert len(photos(found)) == {"unsplash": 30, "pexels": 80}[scheme]
    assert isinstance(last, Skip)
    assert last.unclear
    assert last.reason.startswith("Page 2 and those after it were not read.")
    assert "no more requests for another 3,600 s" in last.reason


def test_no_request_is_made_that_can_only_be_refused(
    opened: Callable[..., StockSource], server: StockServer
) -> None:
    server.limits = {"X-Ratelimit-Limit": "50", "X-Ratelimit-Remaining": "0"}
    assert isinstance(list(opened(200))[-1], Skip)
    assert server.pages == [1]


def test_a_limit_that_is_lifted_soon_is_waited_for(
    opened: Callable[..., StockSource], server: StockServer, scheme: str
) -> None:
    server.limits = {
        "X-Ratelimit-Remaining": "0",
        "X-Ratelimit-Reset": str(int(time.time()) + 1),
    }
    assert len(photos(list(opened(100)))) == 100
    server.limits["X-Ratelimit-Reset"] = str(int(time.time()) + 3600)
    source = opened()
    assert isinstance(list(source)[-1], Skip)


def test_a_server_that_is_gone(server: StockServer, scheme: str) -> None:
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(SourceError, match="cannot be reached"):
        open_stock(f"{scheme}:x", settings_of(url))


@pytest.mark.parametrize("location", ["unsplash:", "pexels:  "])
def test_a_search_needs_words(location: str) -> None:
    with pytest.raises(SourceError, match="names no search"):
        open_source(location, settings_of("http://127.0.0.1:1"))


def test_a_search_needs_a_key(scheme: str) -> None:
    variable = {"unsplash": "UNSPLASH_ACCESS_KEY", "pexels": "PEXELS_API_KEY"}[scheme]
    for settings in (None, load_settings()):
        with pytest.raises(SourceError, match=f"needs a key of your own.*PHOTOSEEK_{variable}"):
            open_source(f"{scheme}:red car", settings)


def test_the_key_is_sent_in_a_header_and_shown_nowhere(
    opened: Callable[..., StockSource],
    server: StockServer,
    scheme: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    source = opened(100)
    server.faults.extend([Fault(500), Fault(302, b"", {"Location": "http://127.0.0.1:1/"})])
    found = list(source)
    header = {"unsplash": f"Client-ID {KEY}", "pexels": KEY}[scheme]
    assert {sent["authorization"] for sent in server.sent} == {header}
    shown = [caplog.text, repr(found), repr(vars(source)), *server.asked]
    assert caplog.text
    assert all(KEY not in text for text in shown)


def test_a_download_is_told_to_unsplash(server: StockServer) -> None:
    [photo] = photos(list(unsplash(server, unsplash_photo(7))))
    url = download_url(photo, settings_of(server.url))
    assert url.startswith("https://images.unsplash.com/u007?ixid=")
    location = urlsplit(photo.metadata["download_location"])
    assert server.asked[-1] == f"{location.path}?{location.query}"
    assert server.sent[-1]["authorization"] == f"Client-ID {KEY}"


def test_behind_a_proxy_the_address_is_still_unsplashs_own(server: StockServer) -> None:
    place = "https://api.unsplash.com/photos/u007/download?ixid=M3"
    photo = Photo("unsplash:u007", "https://a.b/c", metadata={"download_location": place})
    url = download_url(photo, settings_of(f"{server.url}/proxy"))
    assert url.startswith("https://images.unsplash.com/photos?ixid=")
    assert server.asked == ["/proxy/photos/u007/download?ixid=M3"]


def test_other_photos_are_downloaded_from_where_they_are(server: StockServer) -> None:
    for photo in (Photo("pexels:1", "https://a.b/c.jpg"), Photo("x", "/photos/x.jpg")):
        assert download_url(photo, load_settings()) == photo.uri
    assert server.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "",
        "https://api.unsplash.com.evil.example/photos/x/download",
        "http://127.0.0.1:{port}@evil.example/photos/x/download",
        "https://127.0.0.1:{port}/photos/x/download",
        "http://127.0.0.1:1/photos/x/download",
        "http://127.0.0.1:{port}/me",
        "https://x:y@api.unsplash.com/photos/x/download",
        "https://api.unsplash.com/photos/../me",
        "http://127.0.0.1:{port}/photos/../me",
        "http://[",
    ],
)
def test_the_key_goes_to_the_api_alone(server: StockServer, location: str) -> None:
    place = location.replace("{port}", str(server.server_port))
    photo = Photo("unsplash:x", "https://a.b/c", metadata={"download_location": place})
    with pytest.raises(SourceError, match="is no address of Unsplash"):
        download_url(photo, settings_of(server.url))
    assert server.asked == []


GUIDE = Path(__file__).parents[4] / "docs" / "guide"
PAGE = (GUIDE / "stock.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^photoseek index (--source .(?:unsplash|pexels):.*)$", PAGE, re.M)


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_of_the_guide(server: StockServer, line: str) -> None:
    options = parse(["-t", "index", *shlex.split(line, comments=True)])
    scheme = options.source.partition(":")[0]
    server.photos = [MAKERS[scheme](number) for number in range(1000)]
    source = open_stock(options.source, settings_of(server.url))
    assert len(photos(list(islice(source, options.limit)))) == options.limit


def test_the_guide_shows_both_services() -> None:
    assert len(COMMANDS) == len(MAKERS)


@pytest.mark.parametrize("location", ["unsplash:red car", "pexels:red car"])
def test_a_search_is_not_pruned(
    location: str,
    server: StockServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    scheme = location.partition(":")[0]
    server.photos = [MAKERS[scheme](1)]
    for name, value in settings_of(server.url).model_dump(include=NAMES).items():
        secret = getattr(value, "get_secret_value", lambda value=value: value)()
        monkeypatch.setenv(f"PHOTOSEEK_{name.upper()}", secret)
    assert main(["-t", "index", "--source", location, "--prune"]) == 1
    assert "what it no longer lists has not vanished" in " ".join(capfd.readouterr().err.split())
