"""Where a model runs, in which number format, and in how many threads.

| device | `auto` takes it | number format of `auto` | what of it was run |
| --- | --- | --- | --- |
| `cuda`, `cuda:N` | where there is one | fp16 | not with this version |
| `mps`, Apple's GPUs | where there is no cuda | fp16 | never: no such machine was at hand |
| `cpu` | else | bf16 where that is 1.3 times as fast, else fp32 | every test (Linux, x86-64) |

What `auto` takes is proved before it is used (`proof`), and fp32 or the next device takes its place
where it gives other vectors. A number format that was asked for by name is taken as it is.

All that is asked of torch about devices stands in `KINDS`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from photoseek.errors import ModelError
from photoseek.helpers.batching import Embeddings
from photoseek.helpers.machine import processors
from photoseek.model.number_formats import is_fast_at_bf16
from photoseek.records import Pixels

_log = logging.getLogger(__name__)

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Way:
    """A device, and a number format on it: fp32, bf16 or fp16."""

    device: str
    precision: str

    def __str__(self) -> str:
        return f"{self.device} in {self.precision}"


EXACT = Way("cpu", "fp32")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of device: how many there are, and which number formats `auto` tries on it."""

    name: str
    count: Callable[[], int]
    precisions: Callable[[], Sequence[str]]


def _cuda_count() -> int:
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _of_gpu() -> Sequence[str]:
    return ("fp16", "fp32")


def _of_cpu() -> Sequence[str]:
    return ("bf16", "fp32") if is_fast_at_bf16() else ("fp32",)


KINDS = (
    Kind("cuda", _cuda_count, _of_gpu),
    Kind("mps", lambda: int(torch.backends.mps.is_available()), _of_gpu),
    Kind("cpu", lambda: 1, _of_cpu),
)
"""In the order in which `auto` tries them."""


@dataclass(frozen=True, slots=True)
class Build:
    """What PyTorch was built for.

    Attributes:
        version: its version.
        cuda: the version of CUDA, "" where it was built without.
        finds_card: whether there is a card for it, and a driver.
        mps: whether it was built for Apple's GPUs.
    """

    version: str
    cuda: str
    finds_card: bool
    mps: bool


def build_of_torch() -> Build:
    """The build that is installed."""
    cuda, mps = torch.version.cuda or "", torch.backends.mps.is_built()
    return Build(torch.__version__, cuda, torch.cuda.is_available(), mps)


def present(kinds: Sequence[Kind] = KINDS) -> list[str]:
    """The devices of this machine, by the names that `--device` takes."""
    counts = {kind.name: kind.count() for kind in kinds}
    numbered = {name: [f"{name}:{i}" for i in range(count)] for name, count in counts.items()}
    return [
        one
        for name, many in numbered.items()
        for one in (many if len(many) > 1 else [name])
        if many
    ]


def ways(
    device: str, precision: str, *, for_queries: bool = False, kinds: Sequence[Kind] = KINDS
) -> Iterator[Way]:
    """What a model may run on, the best first; a number format that is named is tried alone.

    A text tower alone is loaded `for_queries`, one or two. On a CPU its weights are used where
    they lie in their file: to find out what is faster, and to convert them for that, takes longer
    than to encode.

    Raises:
        ModelError: the device is not there.
    """
    if device == "auto":
        found = [(kind.name, kind) for kind in kinds if kind.count()]
    else:
        found = [(device, _kind_of(device, kinds))]
    for name, kind in found:
        if precision != "auto":
            yield Way(name, precision)
            return
        exact = for_queries and name == "cpu"
        yield from (Way(name, each) for each in (("fp32",) if exact else kind.precisions()))


def encode_in_parts(
    encode: Callable[[Sequence[Pixels]], Embeddings], batch: Sequence[Pixels], device: str
) -> Embeddings:
    """The vectors of a batch, in halves where all of it takes more memory than there is.

    Raises:
        ModelError: there is too little for a single picture.
    """
    try:
        return encode(batch)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        reason = first_line(error)
    # Not in the handler: as long as the error is there, so is what had been allocated.
    if len(batch) == 1:
        raise ModelError(
            f"The memory of {device} is too small for the model and one picture: {reason} "
            "End what else uses it, or choose --device cpu or a smaller --model."
        )
    _log.info("%s has too little memory for %d pictures at once.", device, len(batch))
    half = len(batch) // 2
    parts = (batch[:half], batch[half:])
    return np.concatenate([encode_in_parts(encode, part, device) for part in parts])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether that is what an error of torch's says; only CUDA has a type of its own for it."""
    said = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return said or "out of memory" in str(error) or "can't allocate memory" in str(error)


def keep_to_share() -> int:
    """Let torch compute in no more threads than this process may keep busy; returns how many.

    Torch counts the processors of the machine, of which a container may have a share alone: the
    other threads would wait, and be waited for. OMP_NUM_THREADS is taken as it is.
    """
    share = processors()
    if not os.environ.get("OMP_NUM_THREADS") and torch.get_num_threads() > share:
        torch.set_num_threads(share)
    return torch.get_num_threads()


@cache
def threads_at_first() -> int:
    """What `keep_to_share` gave at first; threads of photos are later told to compute in fewer."""
    return keep_to_share()


def first_line(error: BaseException) -> str:
    """What an error says first, as a sentence."""
    line = (str(error) or type(error).__name__).splitlines()[0]
    return line if line.endswith(".") else f"{line}."


def _kind_of(device: str, kinds: Sequence[Kind]) -> Kind:
    """The kind of a device that is named.

    Raises:
        ModelError: there is no such device; it says which there are.
    """
    name, _, number = device.partition(":")
    reason = "this machine has none of that name."
    for kind in kinds:
        if kind.name == name and (int(number) if number.isdecimal() else 0) < kind.count():
            return kind
    if name not in {kind.name for kind in kinds}:
        try:
            torch.empty(1, device=device)  # of a kind that torch knows and the table does not
            return Kind(device, lambda: 1, lambda: ("fp32",))
        except (RuntimeError, AssertionError) as error:  # what torch raises for what it lacks
            reason = first_line(error)
    raise ModelError(
        f"The device {device!r} cannot be used: {reason} There are {', '.join(present(kinds))}. "
        f"{_why_no_cuda() if name == 'cuda' else ''}Choose one of these, or --device auto."
    )


def _why_no_cuda() -> str:
    if torch.cuda.is_available():
        return ""
    if torch.version.cuda is None:
        return f"PyTorch {torch.__version__} was built without CUDA. "
    return f"PyTorch was built for CUDA {torch.version.cuda}, and finds no card or no driver. "
