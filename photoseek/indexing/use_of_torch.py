"""Whether torch is here, and whether it makes more of this machine than ONNX Runtime does.

Nothing is imported to find out.
"""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from photoseek.helpers.machine import Memory, processor_flags

ROOM_FOR_TORCH = 2_000_000_000
"""Bytes. A run with `fast` takes 1.2 GB with torch, and 0.7 with ONNX Runtime, mapped files too."""


def has_torch() -> bool:
    """Whether torch and OpenCLIP are installed."""
    try:
        return all(find_spec(package) is not None for package in ("torch", "open_clip"))
    except (ImportError, ValueError):  # it is kept from being found
        return False


def is_faster_with_torch() -> bool:
    """Whether there is a GPU, or the processor multiplies in bfloat16, which only torch uses."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if any(Path("/dev").glob("nvidia[0-9]*")):
        return True
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & processor_flags())


def has_room_for_torch(found: Memory) -> bool:
    """Whether a machine or a container has the memory that torch takes for photos."""
    return found.most == 0 or found.most >= ROOM_FOR_TORCH
