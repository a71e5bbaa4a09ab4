"""The web page, as `make web` has built it, or a word about how to build it."""

from pathlib import Path, PurePosixPath

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from photoseek.gateway.plain_pages import plain_page, serve_style

_INSTALLED = Path(__file__).parent / "web"
_CHECKOUT = Path(__file__).parents[2] / "web" / "dist"
BUILT = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What the files of the page are. On Windows any program can let `.js` be plain text for all
others, and then a browser runs none of it."""

NOT_BUILT = """<h1>photoseek</h1>
<p>The API answers. The page is not built yet: it needs Node 20 and one command,</p>
<pre>make web</pre>
<p>and then this address again. Until then, <a href="docs">/docs</a> shows what the API does.</p>"""


def serve_page(app: FastAPI, built: Path = BUILT) -> None:
    """Serve the page at `/`, its assets, and what lies beside it, such as an icon.

    It is looked for at each request, so that it may be built while the gateway runs.
    """
    serve_style(app)
    files = StaticFiles(directory=built, check_dir=False)

    async def answer(request: Request, path: str, caching: str) -> Response:
        if not built.is_dir():
            raise HTTPException(404)
        response = await files.get_response(path, request.scope)
        response.headers["Cache-Control"] = caching
        if (kind := TYPES.get(PurePosixPath(path).suffix)) and "content-type" in response.headers:
            response.headers["Content-Type"] = kind
        return response

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        if not (built / "index.html").is_file():
            return HTMLResponse(plain_page(NOT_BUILT), headers={"Cache-Control": ASK_AGAIN})
        return await answer(request, "index.html", ASK_AGAIN)

    @app.get("/assets/{path:path}", include_in_schema=False)
    async def asset(path: str, request: Request) -> Response:
        """Vite names an asset by its content, so it never changes."""
        return await answer(request, f"assets/{path}", FOR_EVER)

    @app.get("/{name}.{suffix}", include_in_schema=False)
    async def beside(name: str, suffix: str, request: Request) -> Response:
        return await answer(request, f"{name}.{suffix}", ASK_AGAIN)
