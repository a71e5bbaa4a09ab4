"""Search your own stock photos by meaning.

    from photoseek import PhotoSearch

    with PhotoSearch.open("data/index") as photos:
        photos.index("~/Pictures")
        for hit in photos.search('"red car" - snow').hits:
            print(hit.rank, hit.stored.photo.uri)

`Client` has the same methods and talks to a gateway; `AsyncClient` has those that are awaited.
Importing this loads none of them, nor torch, LanceDB or Jina: each name is imported when it is
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photoseek.client import AsyncClient, Client
    from photoseek.engine import PhotoSearch
    from photoseek.records import Hit, Photo
    from photoseek.settings import load_settings
    from photoseek.sources import open_source

__version__ = "0.3.0"

__all__ = [
    "AsyncClient",
    "Client",
    "Hit",
    "Photo",
    "PhotoSearch",
    "__version__",
    "load_settings",
    "open_source",
]

_MODULES = {
    "AsyncClient": "photoseek.client",
    "Client": "photoseek.client",
    "Hit": "photoseek.records",
    "Photo": "photoseek.records",
    "PhotoSearch": "photoseek.engine",
    "load_settings": "photoseek.settings",
    "open_source": "photoseek.sources",
}


def __getattr__(name: str) -> object:
    """The exported name, imported now.

    Raises:
        AttributeError: for any other.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    """All that is exported, also what is not imported yet."""
    return sorted({*globals(), *__all__})
