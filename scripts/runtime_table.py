"""The table of which architectures ONNX Runtime runs from OpenCLIP's weights, in the guide.

`python -m scripts.guide_tables` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.compat.openclip_parts import config_of, preparation
from photoseek.plain_towers.plain_kinds import text_plan, vision_plan
from scripts.model_runs import architectures

_KINDS = ("photos and texts", "texts, in an index that PyTorch or an export has made", "nothing")


def runtime_rows() -> Iterator[tuple[str, ...]]:
    """What of an architecture runs so, with all architectures of which that holds."""
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for architecture in architectures():
        found[_runs(architecture)].append(f"`{architecture}`")
    for kind, names in found.items():
        yield kind, str(len(names)), ", ".join(names)


def _runs(architecture: str) -> str:
    config = config_of(architecture)
    assert config is not None, architecture
    quick = bool(config.get("quick_gelu", False))
    text = text_plan(config, quick_gelu=quick)
    vision = vision_plan(config, preparation(), quick_gelu=quick)
    return _KINDS[2] if text is None else _KINDS[1] if vision is None else _KINDS[0]
