"""Pages without scripts, for a person whom the gateway has no photos to show."""

from fastapi import FastAPI
from starlette.responses import Response

STYLE = """\
:root { color-scheme: light dark; }
body {
  max-width: 36rem; margin: 18vh auto 0; padding: 0 1.5rem;
  font: 1.0625rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere;
}
pre { padding: 0.75rem 1rem; border: 1px solid; border-radius: 0.5rem; overflow-x: auto; }
"""

ADDRESS = "plain/style.css"
"""Where the style is, from where the page of photos is: our pages have no styles inside."""


def plain_page(body: str, home: str = "") -> str:
    """A whole page; `home` leads from its address to the one of the photos, such as `../`."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>photoseek</title>\n'
        f'<link rel="stylesheet" href="{home}{ADDRESS}">\n{body}\n</html>\n'
    )


def way_home(raw_path: bytes) -> str:
    """How a browser gets from an address to the photos, below whatever path a proxy has them."""
    return "../" * (raw_path.partition(b"?")[0].count(b"/") - 1) or "./"


def serve_style(app: FastAPI) -> None:
    """Serve the style of these pages."""

    @app.get(f"/{ADDRESS}", include_in_schema=False)
    def style() -> Response:
        return Response(STYLE, media_type="text/css", headers={"Cache-Control": "no-cache"})
