"""Which models make the same vectors, also where an older photoseek told them apart by less.

A fingerprint is `WEIGHTS-ACTIVATION-SETTINGS`. Before version 0.3 it was `WEIGHTS` alone, and some
models ran with another activation than the one that they were trained with.
"""

from __future__ import annotations

from pathlib import Path

from photoseek.records import ModelIdentity

IN_FOLDER = "local-dir:"
"""How the names of models in folders begin, of which anybody may have put the files together."""

ACTIVATIONS = {"gelu": "GELU", "quick_gelu": "QuickGELU"}

_MISTAKEN_TAGS = {
    "RN50": "openai yfcc15m cc12m",
    "RN101": "openai yfcc15m",
    "RN50x4": "openai",
    "RN50x16": "openai",
    "RN50x64": "openai",
    "ViT-B-32": "openai laion400m_e31 laion400m_e32 metaclip_400m metaclip_fullcc",
    "ViT-B-16": "openai dfn2b metaclip_400m metaclip_fullcc",
    "ViT-L-14": "openai dfn2b metaclip_400m metaclip_fullcc",
    "ViT-L-14-336": "openai",
    "ViT-H-14": "metaclip_fullcc dfn5b",
    "ViT-H-14-378": "dfn5b",
    "ViT-bigG-14": "metaclip_fullcc",
    "ViT-H-14-worldwide": "metaclip2_worldwide",
    "roberta-ViT-B-32": "laion2b_s12b_b32k",
}

MISTAKEN = frozenset(
    f"{architecture}:{tag}" for architecture, tags in _MISTAKEN_TAGS.items() for tag in tags.split()
)
"""Models that ran with the wrong activation before version 0.3."""


def folder_of(name: str) -> Path | None:
    """The folder that a model is named by, where it is there."""
    folder = Path(name.removeprefix(IN_FOLDER))
    return folder if name.startswith(IN_FOLDER) and folder.is_dir() else None


def activation(model: ModelIdentity) -> str:
    """GELU or QuickGELU; "" for a model that an older photoseek told apart by its weights alone."""
    return ACTIVATIONS.get(_parts(model)[1], "")


def same_vectors(one: ModelIdentity, other: ModelIdentity) -> bool:
    """Whether the vectors of two models can be compared.

    A folder may be moved, and may hold any model: there the fingerprint counts, whatever the name.
    Where an older photoseek knew no more than the weights, they decide, unless that photoseek ran
    the model with the wrong activation.
    """
    if one.dimensions != other.dimensions:
        return False
    if one.name != other.name:
        is_told = "-" in one.fingerprint  # by more than the weights
        in_folder = any(each.name.startswith(IN_FOLDER) for each in (one, other))
        return in_folder and is_told and one.fingerprint == other.fingerprint
    if one.fingerprint == other.fingerprint:
        return True
    only_weights = not (activation(one) and activation(other))
    return only_weights and _parts(one)[0] == _parts(other)[0] and one.name not in MISTAKEN


def text_key(model: ModelIdentity) -> list[str | int]:
    """What the vectors of texts are kept by: a folder may get another tokenizer.

    Where nobody has told the tokenizer it is what an older photoseek kept them by.
    """
    told = [model.tokenizer] if model.tokenizer else []
    return [model.name, model.fingerprint, model.dimensions, *told]


def is_mistaken(model: ModelIdentity) -> bool:
    """Whether an older photoseek made this model's vectors, and made them wrong."""
    return model.name in MISTAKEN and not activation(model)


def _parts(model: ModelIdentity) -> tuple[str, str, str]:
    weights, _, rest = model.fingerprint.partition("-")
    used, _, settings = rest.partition("-")
    return weights, used, settings
