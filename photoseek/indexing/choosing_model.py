"""Which model the settings ask for, and what it runs in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from photoseek.catalogue import resolved
from photoseek.errors import ModelError, TokenizerError, WeightsError
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.machine import memory
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.identity import folder_of, same_vectors
from photoseek.indexing.default_model import default_model
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.indexing.use_of_torch import has_room_for_torch, has_torch, is_faster_with_torch
from photoseek.records import ModelIdentity
from photoseek.settings import EncoderSettings, ModelSettings

if TYPE_CHECKING:
    from photoseek.model import ClipModel, Tower
    from photoseek.onnx_towers import DrawnModel, ExportFolder, OnnxModel


def model_of(
    settings: EncoderSettings,
    *,
    on_demand: bool,
    index: ModelIdentity | None = None,
    gives_way: bool = False,
) -> ClipModel | ModelOnDemand:
    """The model of the settings, loaded at once and whole, or `on_demand` tower by tower: then what
    is encoded first raises ModelError.

    `index` is the model that the index was made with, where there is one. What is loaded on demand
    does without torch for as long as it can. `gives_way` is as in `PhotoEncoder`.

    Raises:
        ModelError: it cannot be loaded.
    """
    name = settings.model or default_model()

    def load(towers: Sequence[Tower]) -> ClipModel:
        if not has_torch():
            raise no_runtime(name)
        from photoseek.model import load_model  # torch takes seconds to import

        asked = partial(
            load_model, name, precision=settings.precision, device=settings.device, towers=towers
        )
        # What it tries there would leave this thread with helpers (model/compute_threads.py).
        return in_background(asked, "model").result()

    if on_demand:
        return ModelOnDemand(load, lambda: onnx_model(settings, index))
    without_torch = onnx_model(settings, index)
    if without_torch is None or not without_torch.is_for_many:
        return load(("text", "vision"))
    model = ModelOnDemand(load, lambda: without_torch)
    model.load(gives_way=gives_way)
    return model


def onnx_model(settings: ModelSettings, index: ModelIdentity | None = None) -> OnnxModel | None:
    """The model of the settings in ONNX Runtime, or None where torch is to run it.

    The towers of a plain model are drawn over its weights, which nobody has to export. Others run
    where they were exported, and where their weights are on this machine as nothing else.

    Raises:
        ModelError: ONNX is asked for, or all that can be had, and there is none of that model.
    """
    if settings.runtime == "torch":
        return None
    name = settings.model or default_model()
    wanted = settings.runtime == "onnx" or not has_torch()
    if settings.runtime == "onnx":
        _check_way(settings)
    if not _is_exact_on_cpu(settings):
        return None
    from photoseek.onnx_towers import DrawnModel, OnnxModel, exports_folder, find_export
    from photoseek.plain_towers import plain_model
    from photoseek.plain_towers.model_files import weights_on_this_machine

    is_for_many = wanted or not (is_faster_with_torch() and has_room_for_torch(memory()))
    plain = plain_model(name, index) or (plain_model(name) if wanted else None)
    if plain and plain.vision:
        return OnnxModel(DrawnModel(plain), is_for_many=is_for_many)
    is_all = weights_on_this_machine(name) is None
    found = find_export(name, exports_folder(settings.exports))
    towers = found or (_fetched(name, wanted=wanted) if is_all else None)
    if towers is None:
        if settings.runtime == "onnx":
            _check_files(name)
            raise _no_export(name)
        return OnnxModel(DrawnModel(plain)) if plain else None  # for texts
    if index is not None and not wanted and not same_vectors(towers.identity, index):
        return None  # torch may have the right weights, or say what is wrong
    if isinstance(towers, DrawnModel):
        return OnnxModel(towers, is_for_many=is_for_many)
    return OnnxModel(towers, is_for_many=is_for_many or is_all)


def _fetched(name: str, *, wanted: bool) -> DrawnModel | ExportFolder | None:
    """What the model hub has of a model that is not here, and that runs without torch.

    Raises:
        ModelError: it cannot be had, and nothing else is `wanted`.
    """
    from photoseek.onnx_towers import DrawnModel, fetch_export
    from photoseek.plain_towers import fetch_plain, plain_model

    try:
        if export := fetch_export(name):
            return export
        plain = plain_model(name) if fetch_plain(name) else None
    except ModelError:
        if wanted:
            raise
        return None  # torch's own model may be had, or the reason is told once more
    return DrawnModel(plain) if plain and plain.vision else None


def _is_exact_on_cpu(settings: ModelSettings) -> bool:
    return settings.precision in ("auto", "fp32") and settings.device in ("auto", "cpu")


def _check_way(settings: ModelSettings) -> None:
    if not _is_exact_on_cpu(settings):
        raise ModelError(
            f"ONNX models run on cpu in fp32, and {settings.device} in {settings.precision} is "
            "asked for. Leave --device and --precision out, or choose --runtime torch."
        )


def _no_export(name: str) -> ModelError:
    return ModelError(
        f"There is no ONNX export of the model {name!r} on this machine. Write one: "
        f"{command('export-model')} --model {quoted(name)}"
    )


def _check_files(name: str) -> None:
    """Look for what torch would find wrong with a model, without it.

    Raises:
        ModelError: there is no such model, or what is here of it is damaged.
    """
    from photoseek.onnx_towers.model_names import split_name
    from photoseek.plain_towers.model_files import (
        source_of,
        text_config_of,
        weights_on_this_machine,
    )
    from photoseek.plain_towers.plain_model import problem_of
    from photoseek.tokenizing import find_tokenizer_files

    split_name(source_of(resolved(name)), name)
    if problem := problem_of(name):
        raise WeightsError(
            f"The weights of the model {name!r} cannot be used: {problem}. They are in "
            f"{weights_on_this_machine(name)}, and are damaged or of another architecture. Copy "
            "them once more, whole, or name the model that they belong to."
        )
    if folder_of(name):
        try:
            find_tokenizer_files(text_config_of(name) or {}, name)
        except TokenizerError as error:
            raise TokenizerError(f"The model {name!r} cannot read texts: {error}") from error


def no_runtime(name: str) -> ModelError:
    """That there is nothing on this machine that runs a model, and what there may be.

    Raises:
        ModelError: there is no such model, or what is here of it is damaged.
    """
    _check_files(name)
    return ModelError(
        f"The model {name!r} is not here as ONNX, and PyTorch is not installed. Take a model that "
        "needs neither (--model standard), or install PyTorch (pip install torch torchvision), or "
        "write the model as ONNX where it is installed (photoseek export-model --to FOLDER) and "
        "use --model local-dir:FOLDER."
    )
