"""A small application with the gateway's surroundings, as the gateway puts them together."""

from functools import cache
from typing import Any, cast

from fastapi import APIRouter, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from photoseek.gateway.app import create_app
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.problems import MEDIA_TYPE, UNAVAILABLE, Problem
from photoseek.gateway.service import Service
from photoseek.records import Status
from photoseek.settings import load_settings

KEY = "correct-horse-battery"


class Part(BaseModel):
    text: str = Field(max_length=10)
    weight: float = Field(1, le=10)


class Search(BaseModel):
    query: str | list[Part] = ""
    limit: int = Field(20, ge=1, le=100)


class Index:
    """Holds seven photos, of which nothing is told; its parts may be down."""

    def __init__(self, parts_up: bool) -> None:
        self._parts_up = parts_up

    async def problem(self) -> str:
        return "" if self._parts_up else UNAVAILABLE

    async def status(self) -> Status:
        return Status("demo", 16, "fp32", "cpu", "data/index", photos=7, ann=False)


def client(*, parts_up: bool = True, address: str = "127.0.0.1", **settings: Any) -> TestClient:
    """A client of an application with such settings, calling from such an address.

    Small routes stand in the place of those of the API.
    """
    app = create_app(cast(Service, Index(parts_up)), load_settings(**settings))
    app.state.shared.metrics.observe("encode", 0.012)
    others = [route for route in app.routes if not _is_of_the_api(route)]
    app.router.routes = [*_own_routes(), *others]
    return TestClient(app, base_url="http://localhost:8080", client=(address, 50000))


def _is_of_the_api(route: BaseRoute) -> bool:
    path = getattr(route, "path", "")
    return path.startswith("/api/") and path != "/api/session"


@cache
def _own_routes() -> list[BaseRoute]:
    app = APIRouter()

    @app.get("/api/search")
    async def search(q: str = "", limit: int = 20) -> dict[str, Any]:
        await spend(limit // 100)
        return {"q": q, "limit": limit}

    @app.post("/api/search")
    def search_by_parts(body: Search) -> dict[str, Any]:
        return {"limit": body.limit}

    @app.get("/api/photos/{photo_id}")
    def photo(photo_id: str) -> dict[str, str]:
        return {"id": photo_id}

    @app.get("/api/photos/{photo_id}/thumbnail")
    def thumbnail(photo_id: str) -> dict[str, str]:
        return {"id": photo_id}

    @app.post("/api/photos", status_code=201)
    def upload(file: UploadFile) -> dict[str, Any]:
        raise Problem(409, "These bytes are in the index.", id=file.filename)

    @app.delete("/api/photos/{photo_id}")
    def delete(photo_id: str) -> dict[str, str]:
        return {"id": photo_id}

    @app.post("/delete")
    def flow_delete() -> dict[str, str]:
        return {}

    @app.post("/search")
    def flow_search() -> dict[str, str]:
        return {}

    @app.post("/api/search/image")
    async def read_by_itself(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("the password is swordfish")

    return app.routes


STANDARD = {"type", "title", "status", "detail", "instance"}


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem document that an answer is, with that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert set(document) >= STANDARD
    assert document["status"] == status
    return document
