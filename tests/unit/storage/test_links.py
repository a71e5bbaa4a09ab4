from __future__ import annotations

import io
import json

import httpx
import pytest
from rich.console import Console

from cli.present import hit_json, hit_table
from executors.conversion import stored_fields
from executors.gateway.routes.answers import hit_model
from photoseek.client.answers import hit_of
from photoseek.records import Hit, Photo, StoredPhoto
from photoseek.storage import Links
from photoseek.storage.places import open_place
from tests.s3 import FaultyS3

KEYS = ["a.jpg", "deep/b c+%20ü🌅?#&.jpg", "a'\"<>.jpg"]


def test_links_into_a_bucket_open_without_credentials(bucket: str) -> None:
    place = open_place(bucket)
    links = Links(60)
    for key in KEYS:
        place.write(key, key.encode(), "image/jpeg")
        link = links.link(f"{bucket}/{key}")
        answer = httpx.get(link, trust_env=False)
        assert (answer.status_code, answer.content) == (200, key.encode())
        assert httpx.URL(link).params["X-Amz-Expires"] == "60"
        assert "not a secret" not in link


def test_a_link_takes_no_request_but_the_first_to_a_bucket(
    bucket: str, faulty_s3: FaultyS3
) -> None:
    links = Links(60)
    assert len({links.link(f"{bucket}/{number}.jpg") for number in range(200)}) == 200
    assert sum(faulty_s3.calls.values()) == 1


def test_what_is_no_object(bucket: str) -> None:
    links = Links(60)
    for uri in ("https://example.com/a.jpg", "HTTP://example.com/a.jpg?x=1"):
        assert links.link(uri) == uri
    for uri in ("/photos/a.jpg", "file:///photos/a.jpg", "javascript:alert(1)", "s3://", "", "x"):
        assert links.link(uri) == ""


@pytest.mark.parametrize(
    ("setting", "value"), [("AWS_ACCESS_KEY_ID", None), ("AWS_ENDPOINT_URL", "nonsense")]
)
def test_without_credentials_there_is_no_link_and_no_error(
    bucket: str, monkeypatch: pytest.MonkeyPatch, setting: str, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv(setting)
    else:
        monkeypatch.setenv(setting, value)
    assert Links(60).link(f"{bucket}/a.jpg") == ""


def test_a_bucket_that_cannot_be_asked_still_gets_links(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert Links(60).link(f"{bucket}/a.jpg").startswith("http://127.0.0.1:9/bucket-")


def test_a_link_reaches_scripts_and_terminals() -> None:
    stored = StoredPhoto(Photo("p", "s3://bucket/a.jpg"), "0" * 32, 60, 40)
    link = "https://bucket.s3.amazonaws.com/a.jpg?X-Amz-Signature=0"
    sent = {**stored_fields(stored, link), "rank": 1, "score": 0.5, "duplicates": []}
    hit = hit_of(json.loads(hit_model(sent).model_dump_json()))
    assert hit == Hit(1, 0.5, stored, link)
    assert json.loads(hit_json(hit))["link"] == link
    terminal = Console(file=io.StringIO(), force_terminal=True, width=200)
    with terminal.capture() as shown:
        terminal.print(hit_table([hit], "x"))
    assert f";{link}\x1b" in shown.get()  # what a terminal makes a link of
