"""OpenCLIP without PyTorch's compiler, which nobody here asks for: half of the time to load."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from photoseek.compat.imports import stand_ins


def _no_compiler() -> dict[str, ModuleType]:
    """As much of the compiler as torchvision and timm ask for while they are loaded."""
    compiler, utils = ModuleType("torch._dynamo"), ModuleType("torch._dynamo.utils")
    compiler.disable = _unchanged  # type: ignore[attr-defined]
    utils.is_compile_supported = lambda _device: False  # type: ignore[attr-defined]
    return {module.__name__: module for module in (compiler, utils)}


def _unchanged(function: Any, _recursive: bool, **_: Any) -> Any:
    return function


with stand_ins(_no_compiler()):
    import open_clip

__all__ = ["open_clip"]
