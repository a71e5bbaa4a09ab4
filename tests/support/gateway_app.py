"""A small application with the gateway's surroundings, as the gateway puts them together."""

from typing import Any

from fastapi import FastAPI, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.testclient import TestClient

from photoseek.gateway.access import Access
from photoseek.gateway.app import surround
from photoseek.gateway.metrics import Metrics
from photoseek.gateway.middleware.rate_limit import Limiter, spend
from photoseek.gateway.problems import UNAVAILABLE, Problem
from photoseek.settings import load_settings

KEY = "correct-horse-battery"


class Part(BaseModel):
    text: str = Field(max_length=10)
    weight: float = Field(1, le=10)


class Search(BaseModel):
    query: str | list[Part] = ""
    limit: int = Field(20, ge=1, le=100)


def client(*, parts_up: bool = True, address: str = "127.0.0.1", **settings: Any) -> TestClient:
    """A client of an application with such settings, calling from such an address."""

    async def problem() -> str:
        return "" if parts_up else UNAVAILABLE

    async def count_photos() -> int | None:
        return 7 if parts_up else None

    app = FastAPI(docs_url=None, redoc_url=None)
    _add_routes(app)
    metrics = Metrics()
    metrics.observe("encode", 0.012)
    loaded = load_settings(**settings)
    surround(
        app,
        loaded,
        access=Access.of(loaded),
        limiter=Limiter.of(loaded),
        metrics=metrics,
        problem=problem,
        count_photos=count_photos,
    )
    return TestClient(app, base_url="http://localhost:8080", client=(address, 50000))


def _add_routes(app: FastAPI) -> None:
    @app.get("/api/search")
    def search(q: str = "", limit: int = 20) -> dict[str, Any]:
        spend(limit // 100)
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
