"""A model hub on this machine, which speaks the part of the protocol that is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.web_server import Handler, PhotoServer, running_server

NAME = "hf-hub:photoseek/tiny"
"""The one model that it has."""

_FILES = "/photoseek/tiny/resolve/main/"


@contextmanager
def model_hub(folder: Path) -> Iterator[PhotoServer]:
    """A hub that has the model in a folder."""

    def answer(handler: Handler) -> None:
        asked = handler.path.removeprefix(_FILES)
        path = folder / asked
        if not handler.path.startswith(_FILES) or not path.is_file():
            handler.answer(404, X_Error_Code="EntryNotFound", X_Repo_Commit="0" * 40)
            return
        data = path.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        handler.answer(200, data, ETag=tag, X_Repo_Commit="0" * 40)

    with running_server({"": answer}) as server:
        yield server


def environment(endpoint: str, home: Path) -> dict[str, str]:
    """What lets the hub's client ask there, and keep in `home` what it fetches."""
    return {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
