"""The documentation of the API at /docs, which needs no network and no inline scripts."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response

from photoseek import __version__
from photoseek.gateway.problems import MEDIA_TYPE

DESCRIPTION = """Search your own stock photos by meaning: by text, by picture, by a photo of the
index, or by several of them with weights.

Errors are problem documents (RFC 9457): `detail` says in words what is wrong, and `errors` names
the members of a request that are. Follow the links in answers rather than building them.

Where the gateway has a key, send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.
"""

TAGS = [
    {"name": "search", "description": "Finding photos."},
    {"name": "photos", "description": "One photo, its pictures, and changes of the index."},
    {"name": "index", "description": "All photos together, and what indexing runs need."},
    {
        "name": "this machine",
        "description": "Folders of the gateway's machine, for the person who sits at it.",
    },
    {"name": "access", "description": "The gateway's key, for browsers."},
    {"name": "service", "description": "How the gateway is."},
    {"name": "jina", "description": "The Flow's own endpoints, as Jina's clients use them."},
]

PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "description": "What is wrong and how to mend it."},
        "instance": {"type": "string", "examples": ["/api/photos/ab12"]},
        "errors": {
            "type": "array",
            "description": "The members of the request that are wrong.",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "id": {"type": "string", "description": "The photo that has these bytes already."},
    },
}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>photoseek: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="api"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""

START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null, // or it would send the document to a server of its own
});
"""

ASK_AGAIN = {"Cache-Control": "no-cache"}

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
"""What is taken from the package that carries Swagger UI."""


def serve_docs(app: FastAPI) -> None:
    """Serve /docs, and /openapi.json as we want it."""
    app.title, app.version, app.description = "photoseek", __version__, DESCRIPTION
    app.openapi_tags = TAGS
    app.openapi = _with_problems(app.openapi)  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    def page() -> Response:
        return HTMLResponse(PAGE, headers=ASK_AGAIN)

    @app.get("/docs/start.js", include_in_schema=False)
    def start() -> Response:
        return Response(START, media_type="text/javascript", headers=ASK_AGAIN)

    for name, media_type in ASSETS.items():
        app.add_api_route(f"/docs/{name}", _asset(name, media_type), include_in_schema=False)


def _asset(name: str, media_type: str) -> Callable[[], Response]:
    place = str(files("fastapi_swagger") / "resources" / name)

    def asset() -> Response:
        return FileResponse(place, media_type=media_type, headers=ASK_AGAIN)

    return asset


def _with_problems(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Name problem documents as the answer to every error, instead of FastAPI's own form."""

    def document() -> dict[str, Any]:
        made = openapi()
        components = made.setdefault("components", {})
        if "Problem" in components.get("responses", {}):
            return made  # FastAPI keeps what it has made
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["responses"] = {
            "Problem": {
                "description": "An error, in words.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        }
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        made["security"] = [{}, {"bearer": []}, {"header": []}]
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
        for name in ("HTTPValidationError", "ValidationError"):
            components["schemas"].pop(name, None)
        return made

    return document
