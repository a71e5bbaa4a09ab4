"""Imports of libraries without parts of them that take seconds to load and are not used here."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType


@contextmanager
def stand_ins(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Inside, what imports one of these modules gets the one that is given; None is "there is
    none". Afterwards they can be imported as they are. A module that is loaded already stays.
    """
    placed = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(placed)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in placed:
            sys.modules.pop(name, None)


def bare_package(name: str) -> ModuleType:
    """A package whose modules can be imported one by one, while its own code does not run."""
    package = ModuleType(name)
    spec = find_spec(name)
    if spec is not None:
        package.__path__ = list(spec.submodule_search_locations or ())
    return package
