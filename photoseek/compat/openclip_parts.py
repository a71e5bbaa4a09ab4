"""Parts of OpenCLIP that need no torch: the vocabulary of CLIP, and what its models are called.

For processes of photoseek's own. Where torch is not loaded, a module of OpenCLIP is loaded alone,
and the torch that it sees meanwhile is an empty one.
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from photoseek.compat.imports import bare_package, hollow, stand_ins

_PACKAGE = "open_clip"


def clip_vocabulary() -> Path:
    """The file with the vocabulary of CLIP."""
    return _folder() / "bpe_simple_vocab_16e6.txt.gz"


def published(architecture: str, tag: str) -> dict[str, Any]:
    """What OpenCLIP knows of published weights; empty where it knows none of that name."""
    config: dict[str, Any] = _part("pretrained").get_pretrained_cfg(architecture, tag)
    return config


def published_pairs() -> list[tuple[str, str]]:
    """The architecture and the tag of all published weights that OpenCLIP knows."""
    pairs: list[tuple[str, str]] = _part("pretrained").list_pretrained()
    return pairs


def architectures() -> list[str]:
    """What the architectures are called that OpenCLIP knows.

    Where it is loaded, those that a program has made known to it are among them.
    """
    if known := getattr(sys.modules.get(_PACKAGE), "list_models", None):
        return list(known())
    return sorted(path.stem for path in (_folder() / "model_configs").glob("*.json"))


def config_of(architecture: str) -> dict[str, Any] | None:
    """The configuration of an architecture that OpenCLIP knows."""
    path = _folder() / "model_configs" / f"{architecture}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def preparation() -> dict[str, Any]:
    """How pictures are prepared where a model does not say it, but for their size."""
    constants = _part("constants")
    return {
        "mean": constants.OPENAI_DATASET_MEAN,
        "std": constants.OPENAI_DATASET_STD,
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }


def usual_vision() -> Mapping[str, Any]:
    """The defaults of what a configuration says of the tower for pictures."""
    return _defaults()["CLIPVisionCfg"]


def usual_text() -> Mapping[str, Any]:
    """The defaults of what a configuration says of the tower for texts."""
    return _defaults()["CLIPTextCfg"]


@functools.cache
def _defaults() -> dict[str, dict[str, Any]]:
    """The defaults of OpenCLIP's configurations, read from its source: to import it takes torch."""
    source = ast.parse((_folder() / "model.py").read_bytes())
    return {
        node.name: {
            line.target.id: ast.literal_eval(line.value)
            for line in node.body
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
        }
        for node in source.body
        if isinstance(node, ast.ClassDef) and node.name in ("CLIPVisionCfg", "CLIPTextCfg")
    }


def _folder() -> Path:
    spec = find_spec(_PACKAGE)
    assert spec is not None, "OpenCLIP is not installed"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _part(name: str) -> ModuleType:
    """One module of OpenCLIP, which stays out of `sys.modules` where OpenCLIP is not loaded."""
    path = f"{_PACKAGE}.{name}"
    return importlib.import_module(path) if _PACKAGE in sys.modules else _lone_part(path)


@functools.cache
def _lone_part(path: str) -> ModuleType:
    absent = {"safetensors.torch": None, "huggingface_hub": None}
    with stand_ins({_PACKAGE: bare_package(_PACKAGE), **hollow("torch"), **absent}):
        try:
            return importlib.import_module(path)
        finally:
            for loaded in [each for each in sys.modules if each.startswith(f"{_PACKAGE}.")]:
                del sys.modules[loaded]
