"""NumPy's multiplications in one thread: for small matrices, others wait busily for longer than
they help, most of all where the processors have other work.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

_SETTERS = ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads")
_GETTERS = ("scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads")


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, NumPy multiplies in the thread that asks, where it came with OpenBLAS."""
    before = threads()
    _set_threads(1)
    try:
        yield
    finally:
        _set_threads(before)


def threads() -> int:
    """The threads that NumPy multiplies in; 0 where that is not known."""
    get = _function(_GETTERS)
    return int(get()) if get else 0


def _set_threads(count: int) -> None:
    put = _function(_SETTERS)
    if count and put:
        put(count)


@functools.cache
def _function(names: tuple[str, ...]) -> Callable[..., int] | None:
    """The one that OpenBLAS has, looked up once: that waits while another library is loaded."""
    library = _library()
    found = (getattr(library, name, None) for name in names) if library else ()
    return next((each for each in found if each), None)


def _library() -> ctypes.CDLL | None:
    """The OpenBLAS that NumPy has loaded; its wheels bring it along."""
    package = Path(np.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for path in folder.glob("libscipy_openblas*"):
            return ctypes.CDLL(str(path))
    return None
