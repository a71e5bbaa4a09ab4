"""Which number format is fast on this machine."""

from __future__ import annotations

import time

import torch

MARGIN = 1.3
"""How many times faster bfloat16 must be than float32 before its rounding is worth it."""


def choose_device(wanted: str) -> str:
    """`auto` becomes cuda when there is one, else cpu."""
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_precision(wanted: str, device: str) -> str:
    """`auto` becomes fp16 on CUDA, bf16 on a CPU that is fast at it, else fp32.

    CPUs are tried and not looked up: PyTorch says that bf16 is supported on machines where it is
    seven times slower than fp32, and names for fast units differ from maker to maker.
    """
    if wanted != "auto":
        return wanted
    if device.startswith("cuda"):
        return "fp16"
    if device != "cpu":
        return "fp32"
    ratio = _seconds(torch.float32) / _seconds(torch.bfloat16)
    return "bf16" if ratio >= MARGIN else "fp32"


def torch_dtype(precision: str) -> torch.dtype:
    """The torch type of fp32, bf16 or fp16."""
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def _seconds(dtype: torch.dtype) -> float:
    """The best of three multiplications of the size that a ViT-B spends its time in."""
    tokens = torch.ones(256, 768, dtype=dtype)
    layer = torch.nn.Linear(768, 3072, dtype=dtype)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(4):  # the first one prepares kernels and is never the best
            start = time.perf_counter()
            layer(tokens)
            best = min(best, time.perf_counter() - start)
    return best
