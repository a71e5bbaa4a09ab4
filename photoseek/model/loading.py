"""From the name that people type to a loaded model, or to an error that helps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from photoseek.catalogue import resolved
from photoseek.compat.model_hub import hub_when_reachable
from photoseek.compat.openclip import complete_for, fuse, open_clip, weights_as_they_lie
from photoseek.errors import ModelError, TokenizerError
from photoseek.helpers.allocator import give_back
from photoseek.helpers.deadlines import in_background
from photoseek.identity import IN_FOLDER
from photoseek.model.bad_weights import BAD_WEIGHTS, unusable_weights
from photoseek.model.clip import ClipModel
from photoseek.model.devices import KINDS, TYPES, Kind, Way, first_line, keep_to_share, ways
from photoseek.model.open_network import OpenNetwork
from photoseek.model.packed_linear import packed_in
from photoseek.model.packing import pack_towers
from photoseek.model.proof import first_sound
from photoseek.model.towers import TOWERS, Tower, WeightsInFile, drop_others
from photoseek.onnx_towers.model_names import split_name
from photoseek.photos import InputShape
from photoseek.plain_towers import channels_of, fingerprint
from photoseek.plain_towers.fingerprint import FIRST, Weight
from photoseek.plain_towers.model_config import check_config
from photoseek.plain_towers.model_files import source_of
from photoseek.records import ModelIdentity
from photoseek.tokenizing import (
    Tokenizer,
    TokenizerFiles,
    check_reads,
    find_tokenizer_files,
    make_tokenizer,
)

_INTERPOLATIONS = ("bicubic", "bilinear", "random")
"""The last is for training alone: OpenCLIP takes the first for it in use."""


def load_model(
    name: str,
    *,
    precision: str = "auto",
    device: str = "auto",
    towers: Collection[Tower] = TOWERS,
    kinds: Sequence[Kind] = KINDS,
) -> ClipModel:
    """Load an OpenCLIP model with its trained weights; never with random ones.

    Args:
        name: `ARCHITECTURE:WEIGHTS` (`ViT-B-32:laion2b_s34b_b79k`; weights may also be a file),
            `hf-hub:ORGANISATION/NAME`, `local-dir:FOLDER`, `demo`, or a preset, such as
            `standard`.
        precision: fp32, bf16, fp16 or auto, which takes what is fast and gives the same vectors.
        device: cpu, cuda, cuda:N, mps or auto.
        towers: what is loaded of it; "vision" encodes pictures and "text" texts.
        kinds: the devices that it may run on.

    Raises:
        UnknownModelError: no model has that name.
        WeightsError: its weights cannot be had or do not fit.
        TokenizerError: its tokenizer cannot be had or used.
        ModelError: a package that it needs is not installed, or the device is not there.
    """
    # The thread that calls may live on, with helpers that it has no use for (compute_threads.py).
    work = partial(_loaded, name, precision, device, towers, kinds)
    return in_background(work, "load model").result()


def _loaded(
    name: str, precision: str, device: str, towers: Collection[Tower], kinds: Sequence[Kind]
) -> ClipModel:
    keep_to_share()
    name = resolved(name, device)
    candidates = ways(device, precision, for_queries="vision" not in towers, kinds=kinds)
    first = next(candidates)  # before anything is loaded for a device that is not there
    created = _create(source_of(name), name, towers)
    network, tokenizer, identity = created.network, created.tokenizer, created.identity
    preprocess = network.visual.preprocess_cfg
    shape = _input_shape(preprocess, name)
    drop_others(network, towers)
    weights = WeightsInFile(network)

    def run_on(way: Way) -> ClipModel:
        weights.put_back()
        return ClipModel(
            network.to(device=way.device, dtype=TYPES[way.precision]).eval(),
            tokenizer,
            identity=identity,
            input_shape=shape,
            mean=preprocess["mean"],
            std=preprocess["std"],
            precision=way.precision,
            device=way.device,
        )

    if precision == "auto":
        model, remarks = first_sound(chain([first], candidates), run_on, towers)
        model.remarks = remarks
    else:
        model = _as_asked(first, run_on)
    # In fp32 that rounds a little, and takes longer than the query or two of a text tower alone.
    may_pack = model.precision == "bf16" or (precision == "auto" and "vision" in towers)
    packs = may_pack and model.device.type == "cpu"
    if packs and (make := packed_in(TYPES[model.precision])):
        pack_towers(network, make, towers)
    if "vision" in towers:
        weights.own()
    model.prepare_layers()
    give_back()  # weights that were tried, converted or packed, as many again as are left
    return model


def open_network(name: str, *, device: str = "auto") -> OpenNetwork:
    """Open an OpenCLIP model with its trained weights to change it: whole, in float32.

    `name` and `device` are as in `load_model`.

    Raises:
        UnknownModelError, WeightsError, ModelError: as `load_model` does.
    """
    keep_to_share()
    way = next(ways(device, "fp32"))
    created = _create(source_of(name), name, TOWERS, fused=False)
    network, tokenizer = created.network, created.tokenizer
    assert tokenizer is not None
    WeightsInFile(network).own()
    return OpenNetwork(
        network.to(device=way.device, dtype=TYPES["fp32"]),
        tokenizer,
        created.tokenizer_files,
        created.identity,
        created.config,
        created.quick_gelu,
        _input_shape(network.visual.preprocess_cfg, name),
    )


def _as_asked(way: Way, run_on: Callable[[Way], ClipModel]) -> ClipModel:
    try:
        return run_on(way)
    except (RuntimeError, AssertionError) as error:  # what torch raises for a device it lacks
        raise ModelError(
            f"The model cannot run on {way}: {first_line(error)} Choose another --device."
        ) from error


def uses_quick_gelu(architecture: str, weights: str | None, config: Mapping[str, Any]) -> bool:
    """Whether a model was trained with QuickGELU and not with GELU.

    Published weights say so themselves, for one architecture may have some of both. Weights from a
    file cannot: they are taken for those of the architecture as it is named, of which many have
    another one for QuickGELU (`ViT-B-32-quickgelu`). A folder and a model on the hub have a
    configuration of their own.
    """
    published = open_clip.get_pretrained_cfg(architecture, weights) if weights else {}
    return bool((published or config).get("quick_gelu", False))


class _Created(NamedTuple):
    network: Any
    tokenizer: Tokenizer | None
    tokenizer_files: TokenizerFiles | None
    identity: ModelIdentity
    config: dict[str, Any]
    quick_gelu: bool


def _create(source: str, name: str, towers: Collection[Tower], *, fused: bool = True) -> _Created:
    """The network, its tokenizer where texts are encoded, and what they are."""
    architecture, weights = split_name(source, name)
    try:
        with hub_when_reachable() if _asks_hub(architecture) else nullcontext(), _WithoutRootLog():
            config = open_clip.get_model_config(architecture)
            check_config(config)
            complete_for(config)
            quick_gelu = uses_quick_gelu(architecture, weights, config)
            # Before the weights are downloaded, which are a hundred times as large.
            files = find_tokenizer_files(config["text_cfg"], architecture)
            tokenizer = None
            if "text" in towers or architecture.startswith(IN_FOLDER):
                tokenizer = make_tokenizer(config["text_cfg"], files)
                check_reads(tokenizer)
            with weights_as_they_lie():
                network = open_clip.create_model(
                    architecture,
                    pretrained=weights,
                    require_pretrained=True,
                    force_quick_gelu=quick_gelu,
                    quick_gelu=quick_gelu,
                )
            preprocess = network.visual.preprocess_cfg
            made = fingerprint(_weights(network), config, preprocess, quick_gelu=quick_gelu)
            identity = ModelIdentity(name, made, int(config["embed_dim"]))
            if "vision" in towers and fused:
                fuse(network.visual)
            if "text" not in towers:
                tokenizer = None
            return _Created(network, tokenizer, files, identity, config, quick_gelu)
    except TokenizerError as error:
        raise TokenizerError(f"The model {name!r} cannot read texts: {error}") from error
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise ModelError(
            f"The model {name!r} needs the Python package {package}, which is not installed and "
            f"does not come with photoseek. Install it (pip install {package}), or choose a model "
            "that does without, such as --model standard."
        ) from error
    except BAD_WEIGHTS as error:
        raise unusable_weights(source, name, error) from error


def _weights(network: Any) -> list[Weight]:
    """What a fingerprint is made of."""
    return [
        (name, tuple(tensor.shape), tensor.flatten()[:FIRST].float().numpy())
        for name, tensor in network.state_dict().items()
    ]


def _asks_hub(architecture: str) -> bool:
    """Whether anything of a model may have to come from the model hub."""
    if not architecture.startswith("local-dir:"):
        return True
    return bool(open_clip.get_model_config(architecture)["text_cfg"].get("hf_model_name"))


class _WithoutRootLog:
    """Let OpenCLIP log nothing through the root logger.

    It does so for each step and each failure, which are told in sentences here; and where nobody
    listens, Python prints them, and everything that is logged from then on.
    """

    def __enter__(self) -> None:
        self._listener = logging.NullHandler()  # without any, logging.error() would make one
        root = logging.getLogger()
        root.addHandler(self._listener)
        root.addFilter(_nothing)

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeFilter(_nothing)
        root.removeHandler(self._listener)


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _input_shape(config: dict[str, Any], name: str) -> InputShape:
    size = config["size"]
    sides = {size} if isinstance(size, int) else set(size)
    if len(sides) > 1:
        raise ModelError(f"The model {name!r} wants {size} pixels; only square inputs are known.")
    if config["resize_mode"] not in ("shortest", "squash"):
        raise ModelError(
            f"The model {name!r} wants its pictures resized by {config['resize_mode']!r}; "
            "known are 'shortest' and 'squash'."
        )
    if config["interpolation"] not in _INTERPOLATIONS:
        raise ModelError(
            f"The model {name!r} wants its pictures resized by {config['interpolation']!r}; known "
            "are 'bicubic' and 'bilinear'."
        )
    try:
        channels_of(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The configuration of the model {name!r} is wrong: {error}. Copy the model's "
            "open_clip_config.json once more."
        ) from error
    return InputShape(
        size=int(sides.pop()),
        resize_mode=config["resize_mode"],
        interpolation="bilinear" if config["interpolation"] == "bilinear" else "bicubic",
    )
