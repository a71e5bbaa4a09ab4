"""Looks at torch and its devices, at the model's weights, and at how fast it is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from photoseek.catalogue import languages_of, licence_of, limit_of
from photoseek.cli.checks.findings import Finding, Subject
from photoseek.compat.openclip_parts import published
from photoseek.errors import ModelError, PhotoseekError
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.installation import pip
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.helpers.told_sizes import gigabytes
from photoseek.indexing.default_model import default_model
from photoseek.indexing.use_of_torch import has_torch
from photoseek.onnx_towers import exports_folder, find_export
from photoseek.plain_towers import plain_model
from photoseek.plain_towers.model_files import DEMO, weights_on_this_machine
from photoseek.settings import Settings
from photoseek.store import peek_model

if TYPE_CHECKING:
    from photoseek.model import ClipModel

HUB_SECONDS = 3.0
MEASURING_SECONDS = 10.0
ENOUGH_SECONDS = 1.0
"""After how long a speed is known well enough, when a few batches were seen."""

BATCHES = 4
LARGEST_BATCH = 32
MANY = 10_000
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def model_name(settings: Settings) -> str:
    """The model of the settings, of the index, or the default one."""
    try:
        made_with = peek_model(settings.index, settings)
    except (PhotoseekError, OSError, ImportError):  # which the look at the index tells
        made_with = None
    return settings.model or (made_with.name if made_with else default_model())


def look_at_torch(subject: Subject) -> Iterator[Finding]:
    """Which build of it is installed, and whether that is the right one."""
    if not has_torch():
        if _runs_without(subject):
            told = "It is not installed: ONNX Runtime runs the model, on the CPU."
            yield Finding("torch", "ok", told)
            return
        place = f" --index-url {CPU_WHEELS}" if sys.platform == "linux" else ""
        reason = "It is not installed: photos cannot be indexed."
        yield Finding("torch", "wrong", reason, pip(f"torch torchvision{place}"))
        return
    from photoseek.model.devices import build_of_torch

    build = build_of_torch()
    text = f"{build.version} for {f'CUDA {build.cuda}' if build.cuda else 'CPUs'}"
    text += " and Apple's GPUs" if build.mps else ""
    if build.finds_card or not build.cuda:
        yield Finding("torch", "ok", text)
        return
    yield Finding(
        "torch",
        "warn",
        f"{text}, and there is no such card, or no driver for it. Without one, PyTorch's build "
        f"for CPUs does the same and saves {gigabytes(_size_of_cuda())}.",
        _smaller_torch(),
    )


def _runs_without(subject: Subject) -> bool:
    """Whether a model may run without torch, by what is here of it."""
    plain = plain_model(subject.model)
    return bool(plain and plain.vision) or _may_run_as_onnx(subject)


def _may_run_as_onnx(subject: Subject) -> bool:
    if subject.model.startswith("hf-hub:"):  # which may be fetched as such
        return True
    try:
        return find_export(subject.model, exports_folder(subject.settings.exports)) is not None
    except PhotoseekError:  # which the look at ONNX tells
        return False


def look_at_devices(subject: Subject) -> Iterator[Finding]:
    """Which there are, and whether the one that is asked for is among them."""
    if not has_torch():
        return
    from photoseek.model.devices import keep_to_share, present, ways

    try:
        first = next(ways(subject.settings.device, subject.settings.precision))
    except ModelError as error:
        yield Finding("device", "wrong", str(error), f"{command('doctor')} --device auto")
        return
    text = f"{', '.join(present())}; the model runs on {first}"
    yield Finding("device", "ok", f"{text}; {keep_to_share()} threads on the processor")


def look_at_weights(subject: Subject) -> Iterator[Finding]:
    """Whether the weights are here, or where else they would come from."""
    name = subject.model
    weights = weights_on_this_machine(name)
    if weights:
        place = "which come with photoseek" if name == DEMO else f"at {weights}"
        yield Finding("weights", "ok", f"{name}: {gigabytes(weights.stat().st_size)}, {place}")
        return
    if name.startswith("local-dir:"):
        if _may_run_as_onnx(subject):
            return
        text = f"{name.removeprefix('local-dir:')} holds no open_clip_model.safetensors"
        yield Finding("weights", "wrong", f"{text}, or not all that describes it.")
        return
    if not name.startswith("hf-hub:") and not published(*name.partition(":")[::2]):
        text = f"There are no weights of the name {name!r}; one is {default_model()}."
        yield Finding("weights", "wrong", text, f"{command('doctor')} --model standard")
        return
    from huggingface_hub import constants

    hub = constants.ENDPOINT
    if problem := _problem_of_hub(hub):
        text = f"{name} is not on this machine, and {hub} cannot be reached ({problem})."
        yield Finding("weights", "wrong", f"{text} The demo needs neither.", command("demo"))
    else:
        text = f"{name} is not on this machine yet; the first run fetches it from {hub}."
        yield Finding("weights", "ok", text)


def look_at_licence(subject: Subject) -> Iterator[Finding]:
    """What the licence of the weights allows."""
    licence = licence_of(subject.model)
    if licence is None:
        return
    text = f"{licence}; the weights know {languages_of(subject.model)}"
    if licence.limit:
        yield Finding("licence", "warn", f"{limit_of(subject.model)}", command("models"))
    else:
        yield Finding("licence", "ok", text)


def look_at_speed(subject: Subject, *, seconds: float = MEASURING_SECONDS) -> Iterator[Finding]:
    """How many photos a second the model encodes, measured in `seconds` at most."""
    if not has_torch():
        return
    here = weights_on_this_machine(subject.model) is not None
    measured = subject.model if here else DEMO
    from photoseek.model import load_model
    from photoseek.model.devices import ways

    settings = subject.settings
    try:
        next(ways(settings.device, settings.precision))
    except ModelError:  # which the look at the devices tells
        return
    model = load_model(
        measured, precision=settings.precision, device=settings.device, towers=["vision"]
    )
    speed = _photos_per_second(model, seconds)
    text = f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"
    minutes = max(1, round(MANY / speed / 60))
    text += f" photos/s with {measured} on {model.device} in {model.precision}, once they are read"
    text += f": {minutes:,} min for {MANY:,}."
    if not here:
        text += f" That is the demo's small model: the weights of {subject.model} are not here."
    yield Finding("speed", "warn" if model.remarks else "ok", " ".join([text, *model.remarks]))


def _photos_per_second(model: ClipModel, seconds: float) -> float:
    """In batches as large as those of a run, where there is time for some of them.

    Alone, a photo takes several times as long: threads wait for one another at each layer.
    """
    from photoseek.model.proof import pictures

    [picture, *_] = pictures(model.input_shape.size)
    begun = time.perf_counter()
    size = 1
    model.encode_images([picture])  # the first of each size prepares what the others need
    while size < LARGEST_BATCH and time.perf_counter() - begun < seconds / 2:
        size *= 2
        model.encode_images([picture] * size)
    start, done = time.perf_counter(), 0
    while True:
        model.encode_images([picture] * size)
        done += size
        now = time.perf_counter()
        spent = now - start
        if now - begun >= seconds or (spent >= ENOUGH_SECONDS and done >= BATCHES * size):
            return done / spent


def _problem_of_hub(hub: str) -> str:
    """Why the model hub cannot be reached, or ""; in a thread, as a name may take long to find."""
    import httpx

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return "HF_HUB_OFFLINE is set"
    asked = in_background(lambda: httpx.head(hub, timeout=HUB_SECONDS), "hub")
    try:
        asked.result(timeout=HUB_SECONDS)
    except TimeoutError:
        return f"no answer within {HUB_SECONDS:g} s"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def _cuda_packages() -> list[str]:
    names = {str(found.metadata["Name"]) for found in distributions()}
    return sorted(each for each in names if each.startswith(("nvidia-", "cuda-", "triton")))


def _size_of_cuda() -> int:
    files = [
        Path(str(file.locate()))
        for name in _cuda_packages()
        for found in distributions(name=name)
        for file in found.files or ()
    ]
    return sum(file.stat().st_size for file in files if file.is_file())


def _smaller_torch() -> str:
    pinned = [f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "torchvision")]
    again = "--force-reinstall" if find_spec("pip") else "--reinstall"
    command_line = pip(f"{again} --no-deps {' '.join(pinned)} --index-url {CPU_WHEELS}")
    unused = " ".join(map(quoted, _cuda_packages()))
    remove = pip("").replace(" install", " uninstall" + (" -y" if find_spec("pip") else ""))
    return f"{command_line} && {remove}{unused}" if unused else command_line
