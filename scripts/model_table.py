"""The tables of models in the guide: those with a short name, and every pair that OpenCLIP knows.

`python -m scripts.guide_tables` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.catalogue import (
    PRESETS,
    download_size,
    languages_of,
    licence_of,
)
from photoseek.compat.openclip_parts import config_of, published, published_pairs

Row = tuple[str, ...]


def preset_rows() -> Iterator[Row]:
    """What `--model` takes as a short name."""
    for preset in PRESETS.values():
        on_gpu = f"; on a GPU `{preset.on_gpu}`" if preset.on_gpu else ""
        yield (
            f"`{preset.name}`",
            f"`{preset.model}`{on_gpu}",
            languages_of(preset.model),
            _licence(preset.model),
            _download(preset.model),
            f"{preset.about}",
        )


def pair_rows() -> Iterator[Row]:
    """Every pair that OpenCLIP knows weights for."""
    for architecture, tag in published_pairs():
        name = f"{architecture}:{tag}"
        config = config_of(architecture)
        assert config is not None, architecture
        text = config["text_cfg"]
        yield (
            f"`{name}`",
            str(config["embed_dim"]),
            f"{config['vision_cfg']['image_size']}",
            str(text.get("context_length", 77)),
            languages_of(name),
            _licence(name),
            _download(name),
            "QuickGELU" if published(architecture, tag).get("quick_gelu") else "GELU",
            "with `transformers`" if text.get("hf_model_name") else "yes",
        )


def _licence(name: str) -> str:
    licence = licence_of(name)
    assert licence is not None, name
    return f"{licence}, {licence.limit}" if licence.limit else str(licence)


def _download(name: str) -> str:
    return f"{(download_size(name) or 0) / 1e9:.2f} GB"
