"""The routes of the API over real HTTP: searching, listing, and what a photo is made of."""

from __future__ import annotations

import base64
import csv
import io
import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.support.in_process import Running
from tests.support.pictures import drawing, saved
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough


@pytest.fixture
def rows(drawings: Path) -> list[dict[str, str]]:
    with drawings.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def search(http: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = http.get("/api/search", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_a_text_finds_photos_with_all_that_is_known_of_them(
    http: httpx.Client, rows: list[dict[str, str]]
) -> None:
    answer = search(http, q="a red car", limit=5)
    assert answer["query"] == {
        "text": "a red car",
        "parts": [{"kind": "text", "text": "a red car", "weight": 1.0}],
    }
    assert (answer["mode"], answer["total"], answer["next_offset"]) == ("meaning", len(rows), 5)
    assert answer["confidence"] in ("high", "medium", "low")
    assert 0 < answer["timing"]["search_ms"] < answer["timing"]["total_ms"]
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3, 4, 5]
    by_id = {row["id"]: row for row in rows}
    for hit in answer["hits"]:
        row = by_id[hit["id"]]
        assert hit["caption"] == row["caption"]
        assert hit["attribution"] == f"Photo by {row['photographer']}, {row['licence']}"
        assert hit["orientation"] in ("landscape", "portrait", "square")
        assert hit["colour"].startswith("#")


def test_pages_follow_each_other_to_the_end(http: httpx.Client, rows: list[dict[str, str]]) -> None:
    for parameters in ({"q": "a boat"}, {"q": "a boat", "mode": "hybrid"}, {"dedupe": "true"}):
        whole = ids(search(http, limit=1000, **parameters))
        paged: list[str] = []
        offset: int | None = 0
        while offset is not None:
            answer = search(http, limit=17, offset=offset, **parameters)
            paged += ids(answer)
            offset = answer["next_offset"]
        assert paged == whole
        assert sorted(paged) == sorted(row["id"] for row in rows)


def test_without_a_query_photos_are_listed(http: httpx.Client, rows: list[dict[str, str]]) -> None:
    answer = search(http, limit=7)
    assert (answer["mode"], answer["total"], answer["confidence"]) == ("browse", len(rows), None)
    assert [hit["score"] for hit in answer["hits"]] == [None] * 7


def test_parts_are_mixed_in_every_way_of_asking(
    http: httpx.Client, rows: list[dict[str, str]], drawings: Path
) -> None:
    row = rows[3]
    picture = (drawings.parent / row["path"]).read_bytes()
    encoded = base64.b64encode(picture).decode()
    by_grammar = search(http, q=f'2:"a red car" + id:{row["id"]} - 0.5:"snow"')
    parts = [
        {"text": "a red car", "weight": 2},
        {"id": row["id"]},
        {"text": "snow", "weight": -0.5},
    ]
    by_json = http.post("/api/search", json={"query": parts}).json()
    assert ids(by_grammar) == ids(by_json)
    assert row["id"] not in ids(by_json), "a photo that is asked with is not its own answer"
    assert by_json["query"]["text"] == f'2:"a red car" + id:"{row["id"]}" - 0.5:"snow"'

    by_upload = http.post("/api/search/image", files={"file": ("x.jpg", picture)}).json()
    by_data = http.post(
        "/api/search", json={"query": [{"image": f"data:image/jpeg;base64,{encoded}"}]}
    ).json()
    assert ids(by_upload) == ids(by_data)
    assert ids(by_upload)[0] == row["id"]
    # The answer's own text is a link to the same search.
    again = search(http, q=by_upload["query"]["text"])
    assert ids(again)[:5] == ids(by_upload)[:5]


def test_filters_hold_and_their_counts_are_right(
    http: httpx.Client, rows: list[dict[str, str]]
) -> None:
    facets = http.get("/api/facets").json()
    assert facets["total"] == len(rows)
    for name in ("tags", "photographer", "licence", "orientation", "colours"):
        counts = [item["count"] for item in facets[name]]
        assert counts
        assert counts == sorted(counts, reverse=True)
        parameter = "colour" if name == "colours" else name
        for item in facets[name][:3]:
            answer = search(http, q="anything", limit=1000, **{parameter: item["value"]})
            assert answer["total"] == item["count"] == len(answer["hits"]), (name, item)
    photographer = facets["photographer"][0]
    narrowed = http.get("/api/facets", params={"photographer": photographer["value"]}).json()
    assert narrowed["total"] == photographer["count"]
    sizes = {(hit["width"], hit["height"]) for hit in search(http, limit=1000)["hits"]}
    width = max(size[0] for size in sizes)
    wide = search(http, limit=1000, min_width=width)
    assert wide["hits"]
    assert all(hit["width"] >= width for hit in wide["hits"])
    assert search(http, taken_from="1900")["total"] == 0, "drawings were never taken"
    assert search(http, colour="#ff0000")["total"] == search(http, colour="red")["total"]
    own = facets["metadata"][0]
    assert own["field"] == f"metadata.{own['title']}"
    for item in own["values"][:3]:
        where = json.dumps({"field": own["field"], "op": "in", "value": [item["value"]]})
        assert search(http, limit=1000, where=where)["total"] == item["count"]
        assert search(http, where=f"{own['title']} = {item['value']}")["total"] == item["count"]
    raw = search(http, where=["width >= 1", f"photographer = {photographer['value']}"])
    assert raw["total"] == photographer["count"]


def test_hits_come_with_facets_where_somebody_asks(http: httpx.Client) -> None:
    own = http.get("/api/facets").json()["metadata"][0]
    first, second = own["values"][:2]
    asked = {"where": json.dumps({"field": own["field"], "op": "in", "value": [first["value"]]})}
    chosen: dict[str, Any] = {"filter": {"where": [asked["where"]]}, "top_k": 3}
    assert http.post("/api/search", json=chosen).json()["facets"] is None
    for counted in ("filtered", "choices"):
        alone = http.get("/api/facets", params=asked | {"counted": counted}).json()
        answer = http.post("/api/search", json=chosen | {"facets": counted}).json()
        assert answer["facets"] == alone
        assert answer["total"] == alone["total"] == first["count"]
        assert (second in alone["metadata"][0]["values"]) == (counted == "choices")
    wrong = http.post("/api/search", json={"facets": "all"})
    assert wrong.status_code == 422
    many = " AND ".join(f"c{number} = x" for number in range(33))
    refused = http.get("/api/facets", params={"where": many, "counted": "choices"})
    assert "at most" in refused.json()["detail"]
    batch = {"searches": [chosen | {"facets": "choices"}]}
    assert http.post("/api/search/batch", json=batch).status_code == 422


def test_a_photo_and_its_pictures(http: httpx.Client, rows: list[dict[str, str]]) -> None:
    [first] = search(http, q="a red car", limit=1)["hits"]
    photo = http.get(first["links"]["self"]).json()
    assert photo["indexed_at"] is not None
    assert photo.items() <= first.items()
    thumbnail = http.get(first["links"]["thumbnail"])
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert "immutable" in thumbnail.headers["cache-control"]
    assert max(Image.open(io.BytesIO(thumbnail.content)).size) <= 320
    original = http.get(first["links"]["original"])
    assert original.content == Path(first["uri"]).read_bytes()
    assert original.headers["content-disposition"].startswith("inline")
    download = http.get(first["links"]["original"], params={"download": 1})
    assert download.headers["content-disposition"].startswith("attachment")
    similar = http.get(first["links"]["self"] + "/similar", params={"limit": 3}).json()
    assert len(similar["hits"]) == 3
    assert first["id"] not in ids(similar)


def test_head_tells_what_get_would_send_on_every_route(
    http: httpx.Client, rows: list[dict[str, str]]
) -> None:
    described = http.get("/openapi.json").json()["paths"]
    assert len(described) > 15
    for path, operations in described.items():
        place = path.replace("{photo_id}", rows[0]["id"])
        headers = {"Accept-Encoding": "identity"}
        answer, got = http.head(place, headers=headers), http.get(place, headers=headers)
        assert answer.content == b""
        assert answer.status_code == got.status_code, path
        if got.status_code == 405:
            assert {method.upper() for method in operations} <= allowed(answer) == allowed(got)
        assert (got.status_code == 200) == ("get" in operations), path
        counts = "timing" in got.text or path == "/metrics"  # of other lengths each time
        changing = {"date"} | ({"content-length"} if counts else set())
        kept = [{k: v for k, v in a.headers.items() if k not in changing} for a in (answer, got)]
        assert kept[0] == kept[1], path


def allowed(answer: httpx.Response) -> set[str]:
    return set(answer.headers["allow"].split(", "))


def test_pictures_are_not_sent_again_to_those_who_have_them(
    http: httpx.Client, rows: list[dict[str, str]]
) -> None:
    for picture in ("thumbnail", "original"):
        path = f"/api/photos/{rows[0]['id']}/{picture}"
        first = http.get(path)
        again = http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert http.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_a_selection_comes_as_a_zip_with_its_licences(http: httpx.Client) -> None:
    hits = search(http, q="a boat", limit=3)["hits"]
    wanted = [hit["id"] for hit in hits]
    answer = http.post("/api/photos/zip", json={"ids": [*wanted, "nobody"]})
    assert answer.headers["content-type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.testzip() is None
    table = packed.read("attributions.csv").decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(table)))
    assert [row["id"] for row in listed] == wanted
    for row, hit in zip(listed, hits, strict=True):
        assert packed.read(row["file"]) == Path(hit["uri"]).read_bytes()
        assert row["attribution"] == hit["attribution"]


def test_statistics(http: httpx.Client, rows: list[dict[str, str]]) -> None:
    stats = http.get("/api/stats").json()
    assert (stats["photos"], stats["model"], stats["key_needed"]) == (len(rows), "demo", "none")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"q": "dog + "}, "empty"),
        ({"q": "./pool.jpg"}, "/api/search/image"),
        ({"q": "vector:abc"}, "Search with the picture again"),
        ({"q": "id:nobody"}, "No photo in the index has the id 'nobody'"),
        ({"q": "car", "limit": 0}, "limit"),
        ({"q": "car", "offset": -1}, "offset"),
        ({"q": "car", "mode": "magic"}, "mode"),
        ({"q": "car", "colour": "reddish"}, "'reddish' is no colour"),
        ({"q": "car", "taken_from": "yesterday"}, "taken_from"),
        ({"q": "car", "where": "price = 3"}, "no column 'price'"),
        ({"q": "car", "where": "widht > 3"}, "Did you mean width? The fields are tags"),
        ({"q": "car", "colours": "red"}, "colours"),
        ({"q": "car - car"}, "cancel each other out"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_in_words(
    http: httpx.Client, parameters: dict[str, Any], sentence: str
) -> None:
    answer = http.get("/api/search", params=parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/photos/nobody"),
        ("GET", "/api/photos/nobody/thumbnail"),
        ("GET", "/api/photos/nobody/original"),
        ("DELETE", "/api/photos/nobody"),
        ("GET", "/api/nothing"),
    ],
)
def test_what_is_not_there(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_api_describes_itself(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert document["info"]["title"] == "photoseek"
    assert {"/api/search", "/api/photos/{photo_id}", "/api/facets"} <= set(document["paths"])


def test_a_body_with_two_lengths_ends_its_connection(service: Running) -> None:
    """What a proxy takes for the rest of a body must not be answered as another request."""
    smuggled = b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = (
        b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(smuggled))
    )
    with socket.create_connection(
        ("127.0.0.1", service.settings.http_port), PATIENCE
    ) as connection:
        connection.sendall(head + smuggled)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_picture_is_searched_by_with_what_the_fields_beside_it_say(http: httpx.Client) -> None:
    """As the guide has it: curl -F file=@beach.jpg -F limit=3. Such fields were passed over."""
    [hit] = http.get("/api/search?limit=1").json()["hits"]
    file = {"file": ("x.jpg", http.get(hit["links"]["thumbnail"]).content)}
    fields = {"limit": "2", "orientation": ["landscape", "square"], "q": "red car"}
    answer = http.post("/api/search/image", files=file, data=fields).json()
    other = http.post("/api/search/image", files=file, params=fields).json()
    assert len(answer["hits"]) == 2
    assert [each["id"] for each in answer["hits"]] == [each["id"] for each in other["hits"]]
    assert {each["orientation"] for each in answer["hits"]} <= {"landscape", "square"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"limit": "x"}, "limit: Give a whole number; it is 'x'"),
        ({"limit": "0"}, "limit: Give 1 or more; it is '0'"),
        ({"limits": "3"}, "limits: There is nothing of that name here. Did you mean limit?"),
    ],
)
def test_wrong_fields_beside_a_picture_are_told(
    http: httpx.Client, fields: dict[str, str], said: str
) -> None:
    file = {"file": ("x.jpg", saved(drawing(), "JPEG"))}
    answer = http.post("/api/search/image", files=file, data=fields)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/search/image", "/api/photos"])
@pytest.mark.parametrize("form", ["multipart/form-data", "multipart/form-data; boundary=a"])
def test_a_form_that_cannot_be_read_is_told_how_to_send_one(
    http: httpx.Client, path: str, form: str
) -> None:
    answer = http.post(path, content=b"x", headers={"Content-Type": form})
    assert answer.status_code == 400
    assert "Send the picture as multipart/form-data, as a field named" in answer.json()["detail"]
