"""What is here of a plain model: its weights as they lie in their file, and what is done with them.

No weight is read, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoseek.compat.model_hub import cached
from photoseek.errors import TokenizerError
from photoseek.identity import same_vectors
from photoseek.photos import InputShape
from photoseek.plain_towers.channels import channels_of
from photoseek.plain_towers.fingerprint import FIRST, fingerprint
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.model_config import check_config
from photoseek.plain_towers.model_files import ModelFiles, find_model, source_of
from photoseek.plain_towers.plain_kinds import text_plan, vision_plan
from photoseek.plain_towers.plans import TextPlan, VisionPlan
from photoseek.plain_towers.shapes import SCALARS, Shapes, shapes_of
from photoseek.records import ModelIdentity
from photoseek.tokenizing import TokenizerFiles
from photoseek.tokenizing.tokenizer_files import from_folder

_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)
"""What files raise that are damaged, or of which one describes another model."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainModel:
    """The two towers of a model that both are known, or of which that for texts is.

    Attributes:
        vision: None where its pictures need torch, as `input_shape` then is.
        tokenizer_files: None where it has OpenCLIP's own tokenizer.
    """

    identity: ModelIdentity
    weights: MappedWeights
    text: TextPlan
    vision: VisionPlan | None
    input_shape: InputShape | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    text_config: Mapping[str, Any]
    tokenizer_files: TokenizerFiles | None

    @property
    def end_token(self) -> int | None:
        """Where texts may be cut; None where all tokens of each are read."""
        if not self.text.is_causal or self.text.reads_last or self.tokenizer_files:
            return None
        return self.text.vocabulary - 1  # that of OpenCLIP's tokenizer


def plain_model(name: str, made_with: ModelIdentity | None = None) -> PlainModel | None:
    """The model of that name, or None where torch is needed for it, or to say what is wrong.

    Args:
        name: as `photoseek.model.load_model` takes it.
        made_with: the model of the index, which this one must be. Its fingerprint tells of every
            weight and of all that is done with them.
    """
    try:
        files = find_model(name)
        return _model(name, files, made_with) if files else None
    except (*_DAMAGED, TokenizerError):
        return None


def problem_of(name: str) -> str:
    """What is wrong with the weights that are here of a model; "" where nothing is, or torch alone
    can tell.
    """
    try:
        files = find_model(name)
        if files is None:
            return ""
        shapes = _shapes(MappedWeights(files.weights))
        text = text_plan(files.config, quick_gelu=files.quick_gelu)
        vision = vision_plan(files.config, files.preprocess, quick_gelu=files.quick_gelu)
        if text is None or vision is None:
            return ""
        wanted = _wanted(files, text, vision)
    except _DAMAGED as error:
        return str(error)
    if missing := sorted(wanted.keys() - shapes.keys()):
        return f"{files.weights.name} holds no {missing[0]}"
    if unknown := sorted(shapes.keys() - wanted.keys()):
        return f"{files.weights.name} holds {unknown[0]}, which the model does not have"
    if other := [key for key in sorted(wanted) if wanted[key] != shapes[key]]:
        key = other[0]
        return f"{key} is of the shape {shapes[key]}, and not {wanted[key]}"
    return ""


def _shapes(weights: MappedWeights) -> Shapes:
    """The shapes of what a file holds, as OpenCLIP has them: of a vector with one number it makes
    a number.
    """
    return {key: () if key in SCALARS else weights.shape(key) for key in weights.names()}


def _wanted(files: ModelFiles, text: TextPlan, vision: VisionPlan) -> Shapes:
    has_logit_bias = files.config.get("init_logit_bias") is not None
    return shapes_of(text, vision, int(files.config["embed_dim"]), has_logit_bias=has_logit_bias)


def _model(name: str, files: ModelFiles, made_with: ModelIdentity | None) -> PlainModel | None:
    config, preprocess, quick_gelu = files.config, files.preprocess, files.quick_gelu
    check_config(config)
    text = text_plan(config, quick_gelu=quick_gelu)
    if text is None:
        return None
    vision = vision_plan(config, preprocess, quick_gelu=quick_gelu)
    weights, dimensions = MappedWeights(files.weights), int(config["embed_dim"])
    shapes = _shapes(weights)
    if vision and shapes != _wanted(files, text, vision):
        vision = None
    known = ((key, shape, weights.first(key, FIRST)) for key, shape in shapes.items())
    made = fingerprint(known, config, preprocess, quick_gelu=quick_gelu)
    identity = ModelIdentity(name, made, dimensions)
    if identity != made_with and vision is None:
        return None  # nobody has seen yet whether OpenCLIP finds what it needs in the file
    if made_with is not None and not same_vectors(identity, made_with):
        return None
    mean, std = channels_of(preprocess)
    return PlainModel(
        identity=identity,
        weights=weights,
        text=text,
        vision=vision,
        input_shape=_input_shape(preprocess) if vision else None,
        mean=mean,
        std=std,
        text_config=config["text_cfg"],
        tokenizer_files=tokenizer_here(config["text_cfg"], name),
    )


def tokenizer_here(text_config: Mapping[str, Any], name: str) -> TokenizerFiles | None:
    """The files of a model's tokenizer that are on this machine.

    Raises:
        TokenizerError: they are not.
    """
    repository = text_config.get("hf_tokenizer_name")
    if not repository:
        return None
    scheme, _, folder = source_of(name).partition(":")
    place = Path(folder) if scheme == "local-dir" else cached(str(repository))
    if place is None:
        raise TokenizerError(f"Nothing of {repository} is on this machine.")
    return from_folder(place)


def _input_shape(preprocess: Mapping[str, Any]) -> InputShape:
    return InputShape(
        size=int(preprocess["size"]),
        resize_mode=preprocess["resize_mode"],
        interpolation=preprocess["interpolation"],
    )
