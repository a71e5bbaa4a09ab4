"""The page and the documentation, with nothing from elsewhere."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from photoseek.gateway.page import serve_page
from photoseek.gateway.problems import answer_with_problems
from tests.support.gateway_app import client, problem


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What `make web` leaves, and something beside it that is nobody's business."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>the page</title>")
    (folder / "assets" / "index-4f1d.js").write_text("start()")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("swordfish")
    return folder


def page(folder: Path) -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.post("/search")
    def search() -> None: ...

    serve_page(app, folder)
    answer_with_problems(app)
    return TestClient(app)


def test_the_page_is_asked_for_again_and_its_assets_are_kept(built: Path) -> None:
    browser = page(built)
    for path in ("/", "/?q=red+car&mode=hybrid"):
        answer = browser.get(path)
        assert "the page" in answer.text
        assert answer.headers["cache-control"] == "no-cache"
    asset = browser.get("/assets/index-4f1d.js")
    assert asset.text == "start()"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.get("/icon.svg").headers["content-type"].startswith("image/svg")
    known = {"If-None-Match": browser.get("/").headers["etag"]}
    assert browser.get("/", headers=known).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets//etc/passwd",
        "/assets/%00",
        "/%00.js",
        "/..%2fsecret.txt",
        "/assets/",
        "/assets",
        "/missing.js",
        "/index.html/x",
    ],
)
def test_nothing_else_is_served(built: Path, path: str) -> None:
    answer = page(built).get(path)
    problem(answer, 404)
    assert "cache-control" not in answer.headers


def test_a_link_out_of_the_folder_is_not_followed(built: Path) -> None:
    (built / "assets" / "out.txt").symlink_to(built.parent / "secret.txt")
    problem(page(built).get("/assets/out.txt"), 404)


def test_the_api_keeps_its_errors(built: Path) -> None:
    problem(page(built).get("/search"), 405)


def test_without_the_page_it_says_how_to_build_it(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    browser = page(folder)
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "make web" in answer.text
    assert 'href="docs"' in answer.text
    style = re.findall('rel="stylesheet" href="([^"]+)"', answer.text)
    assert browser.get(f"/{style[0]}").headers["content-type"].startswith("text/css")
    problem(browser.get("/assets/index.js"), 404)
    folder.mkdir()
    (folder / "index.html").write_text("built meanwhile")
    assert browser.get("/").text == "built meanwhile"


def test_the_documentation_needs_nothing_from_elsewhere() -> None:
    gateway = client()
    html = gateway.get("/docs").text
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(links) == 4
    for link in links:
        assert link == "data:," or gateway.get(f"/{link}").status_code == 200
    assert not re.search(r"<script>|<style>|style=|https?:", html), "the policy would refuse it"


def test_what_is_large_and_text_is_compressed() -> None:
    with client().stream("GET", "/docs/swagger-ui-bundle.js") as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert len(b"".join(answer.iter_raw())) < 600_000
    plain = client().get("/docs/swagger-ui-bundle.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_the_description_of_the_api_names_its_errors() -> None:
    gateway = client()
    first, again = (gateway.get("/openapi.json").json() for _ in range(2))
    assert first == again
    assert first["info"]["title"] == "photoseek"
    assert {"/api/search", "/healthz", "/readyz", "/metrics", "/api/session"} <= set(first["paths"])
    assert not {"/", "/docs", "/assets/{path}"} & set(first["paths"])
    for operations in first["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    content = first["components"]["responses"]["Problem"]["content"]
    assert list(content) == ["application/problem+json"]


def test_scripts_run_whatever_this_machine_takes_them_for(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows any program can make `.js` plain text, for all programs."""
    monkeypatch.setitem(mimetypes.types_map, ".js", "text/plain")
    mimetypes.add_type("text/plain", ".js")
    try:
        script = page(built).get("/assets/index-4f1d.js")
    finally:
        mimetypes.add_type("text/javascript", ".js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert page(built).get("/icon.svg").headers["content-type"] == "image/svg+xml"
