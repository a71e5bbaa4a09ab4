"""PyTorch's libraries, loaded by the system while other threads go on."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path


def load_torch_libraries() -> None:
    """Load what `import torch` would load, without the lock that all threads of Python share.

    They have a gigabyte, and Python holds its lock while an import loads them: for a second or two
    a server would answer nobody. What cannot be loaded is left to the import, which says why.
    """
    found = None if "torch" in sys.modules else find_spec("torch")
    if sys.platform != "linux" or found is None:
        return
    system = ctypes.CDLL(None)  # whose functions are called without the lock, unlike `CDLL` itself
    for folder in found.submodule_search_locations or ():
        system.dlopen(os.fsencode(Path(folder, "lib", "libtorch.so")), os.RTLD_NOW)
