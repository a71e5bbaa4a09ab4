"""PyTorch's older exporter to ONNX, which needs no more packages.

It asks the package `onnx` only for functions of its own kind in a graph, and OpenCLIP's networks
have none. The newer one wants two more packages and PyTorch's compiler, which is left out here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch

from photoseek.compat.imports import stand_ins

OPSET = 17
"""The version of ONNX's operators: the first with one for the normalisation of layers."""


def export_to_onnx(
    network: torch.nn.Module,
    example: torch.Tensor,
    path: Path,
    *,
    names: tuple[str, str],
    open_ends: Mapping[int, str],
) -> None:
    """Write a network with one input and one output to a file; large ones have more beside it.

    Args:
        network: what is traced.
        example: an input of it.
        path: where to.
        names: what its input and its output are called.
        open_ends: the axes of the input that may have another length, with a name for each; the
            first of them is also that of the output.

    Raises:
        RuntimeError, ValueError, TypeError: something in it cannot be written.
    """
    given, made = names
    was_fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operator that only PyTorch knows
    try:
        with torch.no_grad(), warnings.catch_warnings(), stand_ins({"onnx": _no_functions()}):
            warnings.simplefilter("ignore")  # on fixed shapes, and on its age
            torch.onnx.export(
                network,
                (example,),
                str(path),
                input_names=[given],
                output_names=[made],
                dynamic_axes={given: dict(open_ends), made: {0: open_ends[0]}},
                opset_version=OPSET,
                dynamo=False,
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(was_fast)


def _no_functions() -> ModuleType:
    module = ModuleType("onnx")
    model: Any = SimpleNamespace(graph=SimpleNamespace(node=()))
    module.load_model_from_string = lambda _: model  # type: ignore[attr-defined]
    return module
