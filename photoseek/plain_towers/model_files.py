"""Where a model's weights lie on this machine, and what is known of it, without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from photoseek.compat.model_hub import cached
from photoseek.compat.openclip_parts import config_of, preparation, published

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
ALTERNATIVES = (
    f"Use --model local-dir:FOLDER with a folder that holds {CONFIG} and {WEIGHTS}, or "
    "--model demo to try photoseek with its own drawings."
)
"""What mends that a model cannot be had."""

_SUFFIXES = {".safetensors", ".bin", ".pt", ".pth", ".npz"}
DEMO = "demo"
DEMO_FOLDER = Path(__file__).parent.parent / "demo" / "model"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The weights of a model, its configuration, and how it wants its pictures prepared."""

    weights: Path
    config: dict[str, Any]
    preprocess: dict[str, Any]
    quick_gelu: bool


def source_of(name: str) -> str:
    """What OpenCLIP knows a model by."""
    return f"local-dir:{DEMO_FOLDER}" if name == DEMO else name


def find_model(name: str) -> ModelFiles | None:
    """What is here of a model; None unless everything is.

    Raises:
        OSError, ValueError, KeyError, TypeError: what describes it is damaged.
    """
    scheme, _, rest = source_of(name).partition(":")
    if scheme == "local-dir":
        return _in_folder(Path(rest))
    if scheme == "hf-hub":
        folder = cached(rest)
        return _in_folder(folder) if folder else None
    return _published(scheme, rest)


def text_config_of(name: str) -> dict[str, Any] | None:
    """What the configuration of a model says of its texts, where that is on this machine."""
    scheme, _, rest = source_of(name).partition(":")
    folder = {"local-dir": Path(rest), "hf-hub": cached(rest) if scheme == "hf-hub" else None}
    try:
        if scheme not in folder:
            config = config_of(scheme)
        elif place := folder[scheme]:
            file = place / CONFIG
            now = file.stat()
            config = _read(file, now.st_mtime_ns, now.st_size)["model_cfg"]
        else:
            config = None
        return dict(config["text_cfg"]) if config else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=8)
def _read(file: Path, changed: int, size: int) -> Any:
    """A configuration as it has been since it was changed: a service asks at each long text."""
    return json.loads(file.read_text(encoding="utf-8"))


def waits_for_download(name: str) -> bool:
    """Whether OpenCLIP knows published weights of that name and they are not on this machine."""
    architecture, _, tag = source_of(name).partition(":")
    if architecture in ("local-dir", "hf-hub") or not config_of(architecture):
        return False
    known = published(architecture, tag)
    path = _downloaded(known) if known else None
    return bool(known) and bool(known.get("hf_hub")) and (path is None or not path.is_file())


def weights_on_this_machine(name: str) -> Path | None:
    """The file with the weights of a model of any kind, or None where they are yet to come.

    Which of several files OpenCLIP would take, it alone knows; the largest is given.
    """
    scheme, _, rest = source_of(name).partition(":")
    known = {} if scheme in ("local-dir", "hf-hub") else published(scheme, rest)
    repository = rest if scheme == "hf-hub" else str(known.get("hf_hub", "")).rpartition("/")[0]
    places = [] if scheme == "hf-hub" or known else [Path(rest)]
    try:
        places += [folder] if repository and (folder := cached(repository)) else []
        if address := str(known.get("url", "")):
            places.append(Path("~/.cache/clip").expanduser() / address.rpartition("/")[2])
        files = [file for place in places for file in _candidates(place) if file.is_file()]
        return max(files, key=lambda file: file.stat().st_size, default=None)
    except (OSError, RuntimeError):
        return None


def _candidates(place: Path) -> list[Path]:
    """A file that is named, or what looks like weights in a folder."""
    if not place.is_dir():
        return [place]
    return [file for file in place.iterdir() if file.suffix in _SUFFIXES]


def _in_folder(folder: Path) -> ModelFiles | None:
    if not (folder / WEIGHTS).is_file():
        return None
    document = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config, given = document["model_cfg"], document.get("preprocess_cfg") or {}
    return _files(folder / WEIGHTS, config, given, bool(config.get("quick_gelu", False)))


def _published(architecture: str, tag: str) -> ModelFiles | None:
    config = config_of(architecture)
    if config is None:
        return None
    known = published(architecture, tag)
    path = _downloaded(known) if known else Path(tag)
    if path is None or path.suffix != ".safetensors" or not path.is_file():
        return None
    return _files(path, config, known, bool((known or config).get("quick_gelu", False)))


def _downloaded(known: dict[str, Any]) -> Path | None:
    repository, _, file = known.get("hf_hub", "").rpartition("/")
    folder = cached(repository) if repository else None
    return folder / (file or WEIGHTS) if folder else None


def _files(
    weights: Path, config: dict[str, Any], given: dict[str, Any], quick_gelu: bool
) -> ModelFiles:
    usual = preparation()
    said = {name: given[name] for name in usual if given.get(name) is not None}
    size = {"size": config["vision_cfg"].get("image_size", 224)}
    return ModelFiles(weights, config, usual | said | size, quick_gelu)
