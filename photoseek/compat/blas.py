"""NumPy's multiplications in one thread: for small matrices, others wait busily for longer than
they help, most of all where the processors have other work.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator
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
    for name in _GETTERS:
        if get := getattr(_library(), name, None):
            return int(get())
    return 0


def _set_threads(count: int) -> None:
    for name in _SETTERS:
        if count and (put := getattr(_library(), name, None)):
            put(count)


@functools.cache
def _library() -> ctypes.CDLL | None:
    """The OpenBLAS that NumPy has loaded; its wheels bring it along."""
    package = Path(np.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for path in folder.glob("libscipy_openblas*"):
            return ctypes.CDLL(str(path))
    return None
