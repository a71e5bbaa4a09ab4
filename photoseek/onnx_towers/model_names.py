"""What OpenCLIP is asked for by the name that people type, or what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from photoseek.catalogue import PRESETS
from photoseek.compat.openclip_parts import architectures, published_pairs
from photoseek.errors import UnknownModelError
from photoseek.identity import IN_FOLDER
from photoseek.onnx_towers.named_folder import check_model_folder
from photoseek.plain_towers.from_hub import check_repository
from photoseek.plain_towers.model_files import CONFIG

_HUB = "hf-hub:"
_DEMO = "demo"


def split_name(source: str, shown: str) -> tuple[str, str | None]:
    """The arguments that OpenCLIP wants; everything it would misread is refused here.

    `source` is where a model is found, `shown` what people call it.

    Raises:
        UnknownModelError: there is no such model.
        WeightsError: a folder holds no model that can be read.
    """
    if source.startswith(_HUB):
        check_repository(source.removeprefix(_HUB), shown)
        return source, None
    if source.startswith(IN_FOLDER):
        folder = source.removeprefix(IN_FOLDER)
        if not folder:
            raise UnknownModelError(f"{shown!r} names no folder. Write --model local-dir:FOLDER.")
        check_model_folder(Path(folder), shown)
        return source, None
    architecture, _, weights = source.partition(":")
    if architecture not in architectures():
        raise UnknownModelError(
            f"No model is called {shown!r}. {_hint(shown, architecture, weights)}A name looks like "
            "ViT-B-32:laion2b_s34b_b79k, "
            f"hf-hub:ORGANISATION/NAME, local-dir:FOLDER or demo, or is {', '.join(PRESETS)}."
        )
    tags = _tags(architecture)
    if weights not in tags and not Path(weights).is_file():
        raise _without_weights(architecture, weights, shown, tags)
    return architecture, weights


def _tags(architecture: str) -> list[str]:
    """What the published weights of an architecture are called."""
    return [tag for name, tag in published_pairs() if name == architecture]


def _without_weights(
    architecture: str, weights: str, shown: str, tags: Sequence[str]
) -> UnknownModelError:
    there = f"For {architecture} there are: {', '.join(tags) or 'none; give a file'}."
    if set(weights) & set("/\\."):
        given = f"there is no file {weights}"
    else:
        given = f"{weights!r} is none" if weights else "the name lacks them"
    near = _near(weights, tags, 1) if weights else []
    meant = f"Did you mean {architecture}:{near[0]}? " if near else ""
    return UnknownModelError(
        f"The model {shown!r} needs weights behind a colon, and {given}. {meant}{there}"
    )


def _hint(shown: str, architecture: str, weights: str) -> str:
    """What may have been meant: a folder, a model on the hub, or a name that looks alike."""
    path = Path(shown)
    folder = path if path.is_dir() else path.parent
    if path.is_dir() or (path.is_file() and (folder / CONFIG).is_file()):
        meant = [f"{IN_FOLDER}{folder}"]
    elif shown.count("/") == 1 and ":" not in shown:
        meant = [f"{_HUB}{shown}"]
    else:
        near = _near(architecture.strip(), (*architectures(), *PRESETS, _DEMO), 3)
        meant = [_with_weights(name, weights.strip()) for name in near]
    return f"Did you mean {', '.join(meant)}? " if meant else ""


def _with_weights(architecture: str, weights: str) -> str:
    """The whole name, where these weights are published for that architecture."""
    tags = _tags(architecture)
    return f"{architecture}:{weights}" if weights in tags else architecture


def _near(given: str, names: Iterable[str], most: int) -> list[str]:
    """Names that look alike, in any case, the nearest first."""
    known = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), known, n=most, cutoff=0.4)
    return [known[name] for name in near]
