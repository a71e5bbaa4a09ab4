from __future__ import annotations

import io
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from rich.console import Console

from photoseek.cli.present import hit_json, hit_table
from photoseek.client.from_json import hit_of
from photoseek.files import s3
from photoseek.files.filestore import open_files
from photoseek.files.links import BucketRegions, Links
from photoseek.gateway.routes.to_models import hit_model
from photoseek.photos import content_type
from photoseek.records import Hit, Photo, StoredPhoto
from tests.support.pictures import drawing, saved
from tests.support.s3 import Fault, FaultyS3, make_bucket
from tests.support.waiting import PATIENCE, wait_until

KEYS = ["a.jpg", "deep/b c+%20ü🌅?#&.jpg", "a'\"<>.jpg"]


def test_links_into_a_bucket_open_without_credentials(bucket: str) -> None:
    place = open_files(bucket)
    links = Links(60)
    for key in KEYS:
        place.write(key, key.encode(), "image/jpeg")
        link = links.link(f"{bucket}/{key}")
        answer = httpx.get(link, trust_env=False)
        assert (answer.status_code, answer.content) == (200, key.encode())
        assert httpx.URL(link).params["X-Amz-Expires"] == "60"
        assert "not a secret" not in link


@pytest.mark.parametrize(
    "key", [*KEYS, "deep/%.jpg", "a+b.PNG", "ä/ä.webp", "no-extension", "x.svg"]
)
def test_a_link_to_the_photo_itself_says_what_it_is_and_how_to_open_it(
    bucket: str, key: str
) -> None:
    open_files(bucket).write(key, b"pixels", "binary/octet-stream")
    kinds = {"a+b.PNG": "image/png", "ä/ä.webp": "image/webp"}
    name = key.rpartition("/")[2]
    if key == KEYS[-1]:
        name = "a'___.jpg"  # no name for a file everywhere
    for opened in ("inline", "attachment"):
        answer = httpx.get(Links(60).link(f"{bucket}/{key}", opened), trust_env=False)
        assert (answer.status_code, answer.content) == (200, b"pixels")
        assert answer.headers["content-type"] == kinds.get(key, "image/jpeg")
        told, _, encoded = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
        assert (told, unquote(encoded)) == (opened, name.replace("?", "_"))
        assert re.fullmatch(r"[\w.~%-]+", encoded, re.ASCII)


def test_a_link_says_what_kind_the_bytes_are_whatever_the_name_says(bucket: str) -> None:
    place = open_files(bucket)
    files = {
        "a.jpg": (saved(drawing(), "WEBP"), "image/webp"),
        "b.heic": (saved(drawing(), "JPEG"), "image/jpeg"),
        "c.png": (b"<script>", "image/png"),
        "d.dng": (saved(drawing(), "TIFF"), "image/x-raw"),
    }
    links = Links(60, type_of=content_type)
    for key, (data, kind) in files.items():
        place.write(key, data, "text/html")
        answer = httpx.get(links.link(f"{bucket}/{key}", "inline"), trust_env=False)
        assert (answer.headers["content-type"], answer.content) == (kind, data), key
    assert links.link(f"{bucket}/gone.webp", "inline").count("image%2Fwebp") == 1


def test_only_a_link_to_the_photo_itself_changes_what_s3_answers(bucket: str) -> None:
    open_files(bucket).write("a.jpg", b"pixels", "image/png")
    answer = httpx.get(Links(60).link(f"{bucket}/a.jpg"), trust_env=False)
    assert answer.headers["content-type"] == "image/png"
    assert "content-disposition" not in answer.headers


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


def test_silence_about_the_region_costs_one_short_attempt(bucket: str, faulty_s3: FaultyS3) -> None:
    faulty_s3.method = "HEAD"
    faulty_s3.faults.extend([Fault(hangs=True)] * 10)
    signer = Links(60, silence=0.3, patience=60)  # until the attempt is over
    signed = {signer.link(f"{bucket}/{number}.jpg") for number in range(50)}
    assert len(signed) == 50
    assert all("us-east-1" in link for link in signed), "the configured region"
    assert faulty_s3.calls["HEAD"] == 1, "what is not known is remembered, too"


def test_no_search_waits_until_the_attempt_is_over(bucket: str, faulty_s3: FaultyS3) -> None:
    faulty_s3.method = "HEAD"
    faulty_s3.faults.append(Fault(hangs=True))
    assert Links(60, silence=600, patience=0.1).link(f"{bucket}/a.jpg").startswith(faulty_s3.url)


def test_while_one_bucket_is_asked_for_others_get_links(
    bucket: str, s3_url: str, faulty_s3: FaultyS3
) -> None:
    other = f"other-{uuid.uuid4().hex}"
    make_bucket(s3_url, other)
    faulty_s3.method = "HEAD"
    faulty_s3.faults.append(Fault(hangs=True))
    signer = Links(60, silence=600, patience=600)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(signer.link, f"{bucket}/a.jpg")
        wait_until(lambda: faulty_s3.calls["HEAD"] == 1, "the silent request")
        assert signer.link(f"s3://{other}/a.jpg")
        assert not waiting.done()
        faulty_s3.released.set()
        assert waiting.result(PATIENCE)


def test_a_region_that_is_not_known_is_asked_for_again_later(
    bucket: str, faulty_s3: FaultyS3
) -> None:
    faulty_s3.method = "HEAD"
    faulty_s3.faults.append(Fault(503, "SlowDown"))
    client = s3.connect(attempts=1)
    regions = BucketRegions(partial(s3.bucket_region, client), patience=60, asked_again_after=0)
    name = bucket.removeprefix("s3://")
    assert regions.learn(name) is None
    assert regions.learn(name) is None, "it asks once more, and does not wait for it"
    wait_until(lambda: regions.learn(name) == "us-east-1", "the second answer")
    assert faulty_s3.calls["HEAD"] == 2, "now it is known"


def test_a_region_that_is_not_known_is_not_asked_for_at_once(
    bucket: str, faulty_s3: FaultyS3
) -> None:
    faulty_s3.method = "HEAD"
    faulty_s3.faults.append(Fault(503, "SlowDown"))
    signer = Links(60, patience=60)
    for _ in range(3):
        assert signer.link(f"{bucket}/a.jpg")
    assert faulty_s3.calls["HEAD"] == 1


def test_a_link_reaches_scripts_and_terminals() -> None:
    link = "https://bucket.s3.amazonaws.com/a.jpg?X-Amz-Signature=0"
    found = Hit(1, 0.5, StoredPhoto(Photo("p", "s3://bucket/a.jpg"), "0" * 32, 60, 40, link=link))
    hit = hit_of(json.loads(hit_model(found).model_dump_json()))
    assert hit == found
    assert hit.link == link
    assert json.loads(hit_json(hit))["link"] == link
    terminal = Console(file=io.StringIO(), force_terminal=True, width=200)
    with terminal.capture() as shown:
        terminal.print(hit_table([hit], "x"))
    assert f";{link}\x1b" in shown.get()  # what a terminal makes a link of


def test_only_objects_below_the_roots_are_given_links(bucket: str, tmp_path: Path) -> None:
    uri = f"{bucket}/a/b.jpg"
    allowing: list[list[str | Path] | None] = [None, [bucket], [tmp_path, f"{bucket}/a"]]
    for roots in allowing:
        assert Links(60, roots).link(uri), roots
    refusing: list[list[str | Path]] = [[], [tmp_path], [f"{bucket}/a/b"], [f"{bucket}/c"]]
    for roots in refusing:
        assert Links(60, roots).link(uri) == "", roots
        assert Links(60, roots).link("https://example.org/a.jpg"), "anybody may read it there"
