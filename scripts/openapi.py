"""Write the OpenAPI document of what lies under /api, from which the page's types are made.

    python -m scripts.openapi [FILE]

It is the gateway's own, without a Flow behind it, and without what is no matter of the page: the
version, and the endpoints beside /api. Without FILE it goes to the standard output.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from photoseek.gateway.app import create_app
from photoseek.gateway.service import Service
from photoseek.settings import OFF, Settings


def document() -> dict[str, Any]:
    """The document, whatever the environment sets."""
    nobody = cast(Service, SimpleNamespace(problem=None, status=None))  # nothing is called
    app = create_app(nobody, Settings.model_construct(uploads=OFF))
    whole = app.openapi()
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": "as the gateway's"},
        "paths": {path: whole["paths"][path] for path in whole["paths"] if path.startswith("/api")},
        "components": whole["components"],
        "security": whole["security"],
    }


def main(arguments: list[str]) -> None:
    """Write the document."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
