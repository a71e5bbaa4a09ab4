"""Write the OpenAPI document of what lies under /api, from which the page's types are made.

    python -m scripts.openapi [FILE]

It is the gateway's own, without a Flow behind it, and without what is no matter of the page: the
version, and the endpoints beside /api. Without FILE it goes to the standard output.
"""

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from photoseek.gateway.access import Access
from photoseek.gateway.app import surround
from photoseek.gateway.metrics import Metrics
from photoseek.gateway.routes.api import api_router
from photoseek.settings import OFF, Settings


def document() -> dict[str, Any]:
    """The document, whatever the environment sets."""
    settings = Settings.model_construct(uploads=OFF)
    metrics = Metrics()
    app = FastAPI()
    app.include_router(api_router(None, settings, metrics.observe))
    surround(
        app,
        settings,
        access=Access.of(settings),
        limiter=None,
        metrics=metrics,
        problem=_no_problem,
        count_photos=_no_photos,
    )
    whole = app.openapi()
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": "as the gateway's"},
        "paths": {path: whole["paths"][path] for path in whole["paths"] if path.startswith("/api")},
        "components": whole["components"],
        "security": whole["security"],
    }


async def _no_problem() -> str:
    return ""


async def _no_photos() -> None:
    return None


def main(arguments: list[str]) -> None:
    """Write the document."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
