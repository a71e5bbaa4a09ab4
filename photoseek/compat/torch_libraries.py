"""PyTorch's libraries, loaded by the system while other threads go on."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

SPINS = 60_000
"""How often OpenMP's threads look for their next step before they sleep, which takes a millisecond.

By default it is five times as long: then a thread that helped with a text keeps a processor busy
for 4 ms after it, in which the rest of the search wants it. Between two steps of a text this is
long enough.
"""

_SAID = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def load_torch_libraries() -> None:
    """Load what `import torch` would load, without the lock that all threads of Python share.

    They have a gigabyte, and Python holds its lock while an import loads them: for a second or two
    a server would answer nobody. What cannot be loaded is left to the import, which says why.
    OpenMP reads then what it goes by: it is `SPINS`, unless the environment says something.
    """
    found = None if "torch" in sys.modules else find_spec("torch")
    if sys.platform != "linux" or found is None:
        return
    if not any(name in os.environ for name in _SAID):
        os.environ[_SAID[0]] = str(SPINS)
    system = ctypes.CDLL(None)  # whose functions are called without the lock, unlike `CDLL` itself
    for folder in found.submodule_search_locations or ():
        system.dlopen(os.fsencode(Path(folder, "lib", "libtorch.so")), os.RTLD_NOW)
