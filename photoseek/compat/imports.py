"""Imports of libraries without parts of them that take seconds to load and are not used here."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NoReturn

_process = {"is_own": False}

_done_without = {"httpx._main", "pandas"}
"""Modules that libraries do without where they cannot be imported, and nobody here uses: a command
line, and what LanceDB and Arrow import wherever it is installed, in half a second.
"""


class _LeftOut:
    """Finds these modules before all others do, and fails to load them."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        loader: Any = self
        return ModuleSpec(fullname, loader) if fullname in _done_without else None

    def create_module(self, _: ModuleSpec) -> None:
        """Python makes it."""

    def exec_module(self, module: ModuleType) -> NoReturn:
        """Say that there is none."""
        name = module.__name__
        raise ModuleNotFoundError(f"photoseek leaves out {name}", name=name)


def leave_out_more() -> None:
    """Leave out of libraries also what others than photoseek may want of them.

    For whoever starts a process that runs photoseek and nothing else, before it imports them. In a
    process of somebody else's a library is whole again as soon as photoseek has loaded it.
    """
    if not _process["is_own"]:
        _process["is_own"] = True
        sys.meta_path.insert(0, _LeftOut())


def bring_back(name: str) -> None:
    """Let a module be imported that was left out, for a library that cannot do without."""
    _done_without.discard(name)


def leaves_out_more() -> bool:
    """Whether this process runs photoseek and nothing else."""
    return _process["is_own"]


@contextmanager
def no_collection() -> Iterator[None]:
    """Inside, Python looks for no garbage: what is imported stays, and to look through it again and
    again takes a tenth of the time to load it. A process of photoseek's own never looks there.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if leaves_out_more():
            gc.freeze()
        if was_enabled:
            gc.enable()


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


class HollowModule(ModuleType):
    """A module of which any name can be imported, and each is a class without anything in it.

    It stands in for one whose names are wanted and never used.
    """

    def __init__(self, name: str, **members: Any) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> type[Exception]:
        if name.startswith("__"):
            raise AttributeError(name)
        hollow = type(name, (Exception,), {"__module__": self.__name__})
        setattr(self, name, hollow)
        return hollow


def hollow(*names: str) -> dict[str, ModuleType]:
    """Hollow modules of these names."""
    return {name: HollowModule(name) for name in names}
