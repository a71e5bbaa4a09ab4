"""Models of libraries that pydantic builds when they are first used, not at their import.

FastAPI has some forty for its OpenAPI document, which nobody may ever ask for, and LanceDB as many
for servers. pydantic looks at the configuration of `BaseModel` as at that of any parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict


@contextmanager
def built_when_used() -> Iterator[None]:
    """Inside, models that are defined wait until one of them is used."""
    before = BaseModel.model_config
    BaseModel.model_config = ConfigDict(**{**before, "defer_build": True})
    try:
        yield
    finally:
        BaseModel.model_config = before


def load_fastapi() -> None:
    """Import FastAPI, before any module that does so without this."""
    with built_when_used():
        import fastapi  # noqa: F401
