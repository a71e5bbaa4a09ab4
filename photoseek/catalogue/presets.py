"""Short names for models that are worth their time; an index notes the long one."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

GB = 1_000_000_000

ENOUGH_MEMORY = 6 * GB
"""Bytes of memory from which on a new index is made with `standard`."""

_CARDS = ("/dev/nvidia0", "/dev/dxg")
"""What Linux, and Windows below it, show where there is a card of NVIDIA's with a driver."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A name, the model that it stands for, and the one on a GPU where that is another."""

    name: str
    model: str
    about: str
    on_gpu: str = ""


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "standard",
            "ViT-B-32-SigLIP2-256:webli",
            "finds by queries in 100 languages; for most libraries",
        ),
        Preset(
            "fast",
            "ViT-B-32-256:datacomp_s34b_b86k",
            "in English; less than half of the download, and of the time for a text",
        ),
        Preset(
            "best",
            "ViT-B-16-SigLIP2-256:webli",
            "sees more in a photo, at four times the work; larger again on a GPU",
            on_gpu="ViT-L-16-SigLIP2-256:webli",
        ),
        Preset(
            "english-small",
            "PE-Core-S-16-384:meta",
            "in English; the smallest download and the least memory; reads 32 tokens of a text",
        ),
    )
}


def new_index_preset(memory: int) -> str:
    """The preset for a new index. `memory` is in bytes, and 0 where it is not known."""
    return "fast" if 0 < memory < ENOUGH_MEMORY else "standard"


def resolved(name: str, device: str = "auto") -> str:
    """The model that a preset stands for on this machine; any other name is given back."""
    preset = PRESETS.get(name)
    if preset is None:
        return name
    is_wanted = device.startswith("cuda") or (device == "auto" and bool(preset.on_gpu) and _gpu())
    return preset.on_gpu if preset.on_gpu and is_wanted else preset.model


def _gpu() -> bool:
    """Whether there is a card of NVIDIA's that PyTorch was built for, which it takes seconds to ask
    PyTorch itself.
    """
    spec = find_spec("torch")
    if spec is None or not spec.origin or not any(Path(card).exists() for card in _CARDS):
        return False
    try:
        lines = Path(spec.origin).with_name("version.py").read_text("utf-8").splitlines()
    except OSError:
        return False
    return any(line.startswith("cuda") and not line.endswith("None") for line in lines)
