"""PyTorch and OpenCLIP as photoseek uses them.

They come without PyTorch's compiler, which nobody here asks for: half of the time to load. A
process of photoseek's own leaves out more: what the compiler knows of shapes, OpenCLIP's
tokenizers, and timm, torchvision and the model hub's client, until a model needs them.

While weights are loaded, no random ones are made before them, and none are copied: a file is
mapped into memory, and what of it is never used is never read.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

from photoseek.compat.imports import (
    HollowModule,
    hollow,
    leaves_out_more,
    no_collection,
    stand_ins,
)
from photoseek.compat.torch_libraries import load_torch_libraries


def _no_compiler() -> dict[str, ModuleType]:
    """As much of the compiler as torchvision and timm ask for while they are loaded."""
    compiler, utils = ModuleType("torch._dynamo"), ModuleType("torch._dynamo.utils")
    compiler.disable = _unchanged  # type: ignore[attr-defined]
    utils.is_compile_supported = lambda _device: False  # type: ignore[attr-defined]
    return {module.__name__: module for module in (compiler, utils)}


def _unchanged(function: Any, _recursive: bool, **_: Any) -> Any:
    return function


def _no_pictures() -> dict[str, ModuleType]:
    """torchvision, of which OpenCLIP wants what changes pictures; photoseek has its own."""
    functional = HollowModule("torchvision.transforms.functional")
    modes = SimpleNamespace(BICUBIC="bicubic", BILINEAR="bilinear")
    transforms = HollowModule(
        "torchvision.transforms", functional=functional, InterpolationMode=modes
    )
    modules = [functional, transforms, HollowModule("torchvision", transforms=transforms)]
    return {module.__name__: module for module in modules} | hollow(
        "torchvision.ops", "torchvision.ops.misc"
    )


def _hf_hub_download(*arguments: Any, **options: Any) -> Any:
    from huggingface_hub import hf_hub_download

    return hf_hub_download(*arguments, **options)


def _left_out() -> dict[str, ModuleType | None]:
    late: dict[str, ModuleType | None] = {"transformers": None}  # which takes a second
    if not leaves_out_more():
        return late
    hub = ModuleType("huggingface_hub")
    hub.hf_hub_download = _hf_hub_download  # type: ignore[attr-defined]
    # Its tokenizers, of which one makes its tables at once; photoseek has its own.
    late |= hollow("open_clip.tokenizer")
    return late | {hub.__name__: hub, "timm": None, **_no_pictures()}


load_torch_libraries()
_SHAPES = hollow("torch._meta_registrations") if leaves_out_more() else {}

with no_collection(), stand_ins(_SHAPES):
    import torch

with no_collection(), stand_ins({**_no_compiler(), **_left_out()}):
    import open_clip
    from open_clip import factory
    from torch.overrides import TorchFunctionMode

_LATE = {"timm": "timm_model", "transformers": "hf_model"}
"""Packages that some models need, and the module of OpenCLIP that uses each."""


def complete_for(config: dict[str, Any]) -> None:
    """Load what a model of this configuration needs and was left out.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    needed = {
        "timm": config["vision_cfg"].get("timm_model_name"),
        "transformers": config["text_cfg"].get("hf_model_name"),
    }
    for package, name in needed.items():
        module = importlib.import_module(f"open_clip.{_LATE[package]}")
        if name and getattr(module, package) is None:
            with stand_ins(_no_compiler()):
                importlib.reload(module)  # the classes that are in use look names up in it
            if getattr(module, package) is None:
                raise ModuleNotFoundError(f"{package} is not installed", name=package)


def fuse(visual: Any) -> None:
    """Make one layer of those branches that only training needs apart, as MobileCLIP's makers ask
    for: its features stay the same.

    Raises:
        RuntimeError: a layer cannot be fused.
    """
    if getattr(visual, "trunk", None) is not None:  # one of timm's
        from timm.utils.model import reparameterize_model

        reparameterize_model(visual.trunk, inplace=True)


class _NoRandomNumbers(TorchFunctionMode):
    """Inside, tensors stay as they are where random numbers should be written into them."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _RANDOM:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


_RANDOM = {
    *(torch.nn.init.uniform_, torch.nn.init.normal_, torch.nn.init.trunc_normal_),
    *(torch.nn.init.kaiming_uniform_, torch.nn.init.kaiming_normal_),
    *(torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.erfinv_),
}

_loading = threading.Lock()


@contextmanager
def weights_as_they_lie() -> Iterator[None]:
    """Inside, `open_clip.create_model` makes no random weights, and copies none that it loads."""

    def load_in_place(model: Any, *arguments: Any, **options: Any) -> Any:
        model.load_state_dict = partial(model.load_state_dict, assign=True)
        try:
            return load(model, *arguments, **options)
        finally:
            del model.load_state_dict

    with _loading, _NoRandomNumbers():
        load = factory.load_checkpoint
        factory.load_checkpoint = load_in_place
        try:
            yield
        finally:
            factory.load_checkpoint = load


__all__ = ["complete_for", "fuse", "open_clip", "weights_as_they_lie"]
