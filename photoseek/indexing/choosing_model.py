"""Which model the settings ask for, and what it runs in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from photoseek.compat.imports import leaves_out_more
from photoseek.errors import ModelError
from photoseek.helpers.extras import check_extra, has_extra
from photoseek.helpers.machine import is_faster_with_torch
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.identity import same_vectors
from photoseek.indexing.default_model import default_model
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.records import ModelIdentity
from photoseek.settings import EncoderSettings, ModelSettings

if TYPE_CHECKING:
    from photoseek.model import ClipModel, Tower
    from photoseek.onnx_towers import OnnxModel
    from photoseek.plain_towers import PlainModel


def model_of(
    settings: EncoderSettings, *, on_demand: bool, index: ModelIdentity | None = None
) -> ClipModel | ModelOnDemand:
    """The model of the settings, loaded at once and whole, or `on_demand` tower by tower: then what
    is encoded first raises ModelError.

    `index` is the model that the index was made with, where there is one. What is loaded on demand
    does without torch for as long as it can.

    Raises:
        ModelError: it cannot be loaded.
    """
    name = settings.model or default_model()

    def load(towers: Sequence[Tower]) -> ClipModel:
        if not has_torch():
            raise no_runtime(name)
        from photoseek.model import load_model  # torch takes seconds to import

        return load_model(name, precision=settings.precision, device=settings.device, towers=towers)

    def load_plain() -> PlainModel | OnnxModel | None:
        exported = onnx_model(settings, index)
        if exported or not (_is_exact_on_cpu(settings) and leaves_out_more() and has_torch()):
            return exported
        from photoseek.plain_towers import plain_model

        return plain_model(name, index)

    if on_demand:
        return ModelOnDemand(load, load_plain)
    exported = onnx_model(settings, index)
    if exported is None or not exported.is_for_many:
        return load(("text", "vision"))
    model = ModelOnDemand(load, lambda: exported)
    model.load()
    return model


def onnx_model(settings: ModelSettings, index: ModelIdentity | None = None) -> OnnxModel | None:
    """The model of the settings as ONNX files, or None where torch is to run it.

    Where its weights are not on this machine but in these files, they are what is run.

    Raises:
        ModelError: ONNX is asked for, or all that can be had, and there is none of that model.
        MissingPackageError: it is asked for, and the extra `onnx` is not installed.
    """
    if settings.runtime == "torch":
        return None
    name = settings.model or default_model()
    wanted = settings.runtime == "onnx" or not has_torch()
    if settings.runtime == "onnx":
        check_extra("onnx")
        _check_way(settings)
    if not (has_extra("onnx") and _is_exact_on_cpu(settings)):
        return None
    from photoseek.onnx_towers import OnnxModel, exports_folder, fetch_export, find_export
    from photoseek.plain_towers.model_files import weights_on_this_machine

    found = find_export(name, exports_folder(settings.exports))
    is_all = weights_on_this_machine(name) is None
    if found is None and is_all:
        try:
            found = fetch_export(name)
        except ModelError:
            if wanted:
                raise  # else torch's own model may be had, or the reason is told once more
    if found is None:
        if settings.runtime == "onnx":
            raise _no_export(name)
        return None
    if index is not None and not wanted and not same_vectors(found.identity, index):
        return None  # torch may have the right weights, or say what is wrong
    return OnnxModel(found, is_for_many=wanted or is_all or not is_faster_with_torch())


def has_torch() -> bool:
    """Whether torch and OpenCLIP are installed; nothing is imported."""
    try:
        return all(find_spec(package) is not None for package in ("torch", "open_clip"))
    except (ImportError, ValueError):  # it is kept from being found
        return False


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


def no_runtime(name: str) -> ModelError:
    """That there is nothing on this machine that runs a model, and what there may be."""
    return ModelError(
        f"The model {name!r} is not here as ONNX, and PyTorch is not installed. Install it (pip "
        "install torch torchvision open-clip-torch), or write the model as ONNX where it is "
        "installed (photoseek export-model --to FOLDER) and use --model local-dir:FOLDER, or take "
        "one that is published as ONNX: --model hf-hub:immich-app/NAME."
    )
