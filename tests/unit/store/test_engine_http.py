"""Requests to a search engine that is away, busy or refuses, by a server that answers so."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photoseek import PhotoSearch
from photoseek.errors import SettingsError
from photoseek.helpers.deadlines import within
from photoseek.helpers.ports import free_ports
from photoseek.settings import EngineSettings, load_settings
from photoseek.store import open_thumbnails, peek_model
from photoseek.store.blob_place import BlobPlace
from photoseek.store.elastic.engine_address import address_of
from photoseek.store.elastic.engine_bulk import Bulk, deleting, indexing
from photoseek.store.elastic.engine_dialects import Elasticsearch
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_filters import ALL
from photoseek.store.elastic.engine_http import EngineHttp, client_with
from photoseek.store.elastic.engine_index import IndexNote
from photoseek.store.elastic.engine_queries import EngineQueries
from photoseek.store.engine_access import Access
from photoseek.store.patience import Patience
from photoseek.store.registry import engine_of
from tests.support.stored_photos import MODEL, hash_of
from tests.support.web_server import QuietHandler, QuietServer, serving


class Answering(QuietServer):
    """Gives what waits in `answers` in turn, and keeps what it was asked."""

    def __init__(self, handler: type[QuietHandler] | None = None) -> None:
        super().__init__(handler or Handler)
        self.answers: deque[tuple[int, Any]] = deque()
        self.asked: list[tuple[str, bytes, str | None]] = []
        self.clients: set[object] = set()


class Handler(QuietHandler):
    server: Answering

    def do_GET(self) -> None:  # noqa: N802
        self.do_POST()

    def do_DELETE(self) -> None:  # noqa: N802
        self.do_POST()

    def do_PUT(self) -> None:  # noqa: N802
        self.do_POST()

    def do_POST(self) -> None:  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.clients.add(self.client_address)
        self.server.asked.append((self.path, body, self.headers["Authorization"]))
        status, answer = self.server.answers.popleft()
        self.answer(status, json.dumps(answer).encode())


class KeepingHandler(Handler):
    """As an engine: a connection is used again, until there is nothing more to say."""

    protocol_version = "HTTP/1.1"

    def answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        super().answer(code, body, Connection="" if self.server.answers else "close", **headers)


@pytest.fixture
def server() -> Iterator[Answering]:
    with serving(Answering()) as server:
        yield server


def http_to(*urls: str, access: Access = Access(), patience: float = 30.0) -> EngineHttp:  # noqa: B008
    hosts = ",".join(url.partition("://")[2] for url in urls)
    address = address_of(f"elastic+http://{hosts}/photos")
    return EngineHttp(address, client_with(access), Patience(patience, patience))


def nobody() -> str:
    [port] = free_ports(1)
    return f"http://127.0.0.1:{port}"


def test_a_node_that_is_away_is_passed_over(server: Answering) -> None:
    server.answers += [(200, {"count": 1}), (200, {"count": 2})]
    http = http_to(nobody(), server.url)
    assert http.ask("POST", "/photos/_count") == {"count": 1}
    assert http.ask("POST", "/photos/_count") == {"count": 2}


def test_what_passes_is_waited_for(server: Answering) -> None:
    unready = {"docs": [{"error": {"type": "no_shard_available_action_exception"}}]}
    ready = {"docs": [{"found": False}]}
    server.answers += [(429, {}), (503, "starting"), (200, unready), (200, ready)]
    assert http_to(server.url).ask("POST", "/photos/_mget", {"ids": ["a"]}) == ready
    assert [body for _, body, _ in server.asked] == [b'{"ids":["a"]}'] * 4


def test_what_does_not_pass_is_said(server: Answering) -> None:
    http = http_to(server.url, patience=0.1)
    error = {"type": "search_phase_execution_exception", "reason": "no", "root_cause": [{}]}
    server.answers += [(401, {}), (400, {"error": error}), (404, {}), (503, {}), (503, {})]
    with pytest.raises(EngineError) as refused:
        http.ask("POST", "/photos/_search")
    assert "PHOTOSEEK_ENGINE_API_KEY" in refused.value.unreachable
    with pytest.raises(EngineError, match="400: search_phase_execution_exception: no"):
        http.ask("POST", "/photos/_search")
    assert http.ask("POST", "/photos/_search", missing=True) is None
    with within(0.05), pytest.raises(EngineError) as busy:
        http.ask("POST", "/photos/_search")
    assert "is too busy (503" in busy.value.unreachable
    with pytest.raises(EngineError) as away:
        http_to(nobody(), patience=0.01).ask("POST", "/photos/_search")
    assert "does not answer at http://127.0.0.1:" in away.value.unreachable


def test_only_what_had_no_room_is_written_again(server: Answering) -> None:
    full = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
    first = [
        {"index": {"_id": "a", "status": 201}},
        {"index": {"_id": "b", "status": 429, "error": full}},
        {"delete": {"_id": "c", "status": 404}},
    ]
    server.answers += [
        (200, {"items": first}),
        (200, {"items": [{"index": {"_id": "b", "status": 200}}]}),
    ]
    operations = [indexing("a", "{}"), indexing("b", '{"x":1}'), deleting("c")]
    assert Bulk(http_to(server.url), "photos", "photos-000001").write(operations) == []
    paths = {path for path, _, _ in server.asked}
    assert paths == {"/photos/_bulk?require_alias=true"}, "no index is made by a write"
    assert server.asked[1][1] == b'{"index":{"_id":"b"}}\n{"x":1}\n'


def test_a_document_that_is_refused_is_said(server: Answering) -> None:
    error = {"type": "document_parsing_exception", "reason": "bad", "caused_by": {"reason": "x"}}
    server.answers += [(200, {"items": [{"index": {"_id": "a", "status": 400, "error": error}}]})]
    bulk = Bulk(http_to(server.url), "photos", "photos-000001")
    with pytest.raises(EngineError, match=r"document_parsing_exception: bad \(x\)"):
        bulk.write([indexing("a", "{}")])


def test_a_refresh_comes_only_where_something_was_written(server: Answering) -> None:
    bulk = Bulk(http_to(server.url), "photos", "photos-000001")
    written = (200, {"items": [{"delete": {"_id": "a", "status": 200}}]})
    server.answers += [(200, {}), written, (200, {})]
    for _ in range(3):
        bulk.see()
    bulk.write([deleting("a")])
    for _ in range(3):
        bulk.see()
    asked = [path.partition("?")[0] for path, _, _ in server.asked]
    assert asked == ["/photos-000001/_refresh", "/photos/_bulk", "/photos-000001/_refresh"]


def test_a_long_walk_goes_on_where_the_engine_has_let_go_of_its_snapshot(server: Answering) -> None:
    def page(*keys: str, failed: int = 0) -> tuple[int, Any]:
        hits = [{"_id": key, "sort": [key]} for key in keys]
        return 200, {"hits": {"hits": hits}, "_shards": {"failed": failed}}

    gone = (404, {"error": {"type": "search_context_missing_exception"}})
    first, second, third = ((200, {"id": each}) for each in ("one", "two", "three"))
    server.answers += [first, page("a", "b"), gone, second, page("c", failed=1)]
    server.answers += [third, page("c"), (200, {})]
    queries = EngineQueries(http_to(server.url), Elasticsearch((8, 19)), "photos-000001")
    pages = list(queries.scan({"query": ALL}, [{"key": "asc"}], 2, ["id"]))
    assert [hit["_id"] for page in pages for hit in page] == ["a", "b", "c"]
    asked = [json.loads(body) for path, body, _ in server.asked if path.startswith("/_search")]
    used = [(each["pit"]["id"], each.get("search_after")) for each in asked]
    assert used == [("one", None), ("one", ["b"]), ("two", ["b"]), ("three", ["b"])]
    lost = [(200, {"id": "x"}), gone]
    server.answers += [*lost * 4, (404, {})]
    with pytest.raises(EngineError, match="a part of the index did not answer"):
        list(queries.scan({"query": ALL}, [{"key": "asc"}], 2, ["id"]))


@pytest.mark.parametrize(
    ("access", "sent"),
    [
        (Access(), None),
        (Access(api_key="abc"), "ApiKey abc"),
        (Access(user="ann", password="pw"), "Basic YW5uOnB3"),
        (Access(api_key="abc", user="ann", password="pw"), "ApiKey abc"),
    ],
)
def test_keys_and_passwords_are_sent(server: Answering, access: Access, sent: str | None) -> None:
    server.answers.append((200, {}))
    http_to(server.url, access=access).ask("POST", "/photos/_count")
    assert server.asked[0][2] == sent


def test_certificates_that_cannot_be_read_are_said() -> None:
    with pytest.raises(SettingsError, match="PHOTOSEEK_ENGINE_CA is 'nowhere.pem'"):
        http_to("http://127.0.0.1:9", access=Access(ca="nowhere.pem"))


@pytest.fixture
def place(server: Answering) -> str:
    return place_at(server)


def place_at(server: Answering) -> str:
    return server.url.replace("http", "elastic+http", 1) + "/photos"


def test_one_index_is_reached_with_several_keys_in_one_process(
    server: Answering, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_ENGINE_API_KEY", "of-the-environment")
    server.answers += [(200, {"version": {"number": "8.19.0"}}), *[(404, {})] * 5]
    ann, ben = (PhotoSearch.open(place, settings=load_settings(engine_api_key=key)) for key in "ab")
    for search in (ann, ben, ann):
        assert search.status().photos == 0
    assert peek_model(place) is None
    assert peek_model(place, EngineSettings()) is None
    keys = [key for _, _, key in server.asked]
    assert keys == [
        *("ApiKey a", "ApiKey a", "ApiKey b", "ApiKey a"),
        *("ApiKey of-the-environment", None),
    ]


def test_all_indexes_of_an_engine_are_reached_by_the_same_connections() -> None:
    with serving(Answering(KeepingHandler)) as server:
        server.answers += [(200, {"version": {"number": "8.19.0"}}), (404, {})] * 9
        for number in range(9):
            assert peek_model(f"{place_at(server)}{number}") is None
        assert len(server.clients) == 1


def test_pixels_of_one_index_lie_where_the_settings_say(place: str, tmp_path: Path) -> None:
    places = [EngineSettings(blobs=str(tmp_path / name)) for name in ("one", "two")]
    one, two = (open_thumbnails(place, settings) for settings in places)
    BlobPlace(address_of(place).server, places[0].blobs).join("photos-000001")
    one.put({hash_of(1): b"thumbnail"})
    assert one.get(hash_of(1)) == b"thumbnail"
    assert two.get(hash_of(1)) is None


def test_opening_an_index_reads_its_mapping_once(
    server: Answering, place: str, tmp_path: Path
) -> None:
    about = IndexNote("photos-000001", MODEL).json()
    mapping = {"_meta": about, "properties": {"id": {"type": "keyword"}}}
    server.answers += [
        (200, {"version": {"number": "8.19.0"}}),
        (200, {"photos-000001": {"mappings": mapping}}),
        (200, {"acknowledged": True}),
        (200, {"photos-000001": {"aliases": {"photos-000001-writers": {}}}}),
    ]
    settings = EngineSettings(blobs=str(tmp_path / "blobs"))
    store = engine_of(place, settings).open(place)
    assert store.model == MODEL
    asked = [path for path, _, _ in server.asked]
    first = "/photos-000001"
    assert asked == ["/", "/photos/_mapping", f"{first}/_mapping", f"{first}/_alias"]
    added = json.loads(server.asked[2][1])["properties"]
    assert "caption" in added
    assert "id" not in added
