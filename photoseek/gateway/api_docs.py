"""The documentation of the API at /docs, which needs no network and no inline scripts."""

from collections.abc import Callable
from importlib.resources import files

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response

from photoseek import __version__
from photoseek.gateway.openapi_document import with_problems

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
  defaultModelsExpandDepth: 0, // some sixty schemas, behind one line
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
    app.openapi = with_problems(app.openapi)  # type: ignore[method-assign]

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
