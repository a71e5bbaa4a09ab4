"""A look at what encodes photos and texts: ONNX Runtime, or torch."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.cli.checks.findings import Finding, Subject
from photoseek.errors import PhotoseekError
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.choosing_model import onnx_model
from photoseek.indexing.use_of_torch import has_torch, is_faster_with_torch
from photoseek.onnx_towers import exports_folder, find_export
from photoseek.plain_towers import plain_model
from photoseek.plain_towers.model_files import weights_on_this_machine


def look_at_runtime(subject: Subject) -> Iterator[Finding]:
    """What of the model runs in ONNX Runtime."""
    settings = subject.settings
    try:
        export = find_export(subject.model, exports_folder(settings.exports))
        plain = plain_model(subject.model)
        chosen = settings.model_copy(update={"model": subject.model})
        here = plain or export or settings.runtime == "onnx"
        model = onnx_model(chosen) if here else None
    except PhotoseekError as error:
        yield Finding("runtime", "wrong", str(error))
        return
    if model:
        kind = "by its weights" if plain and plain.vision else f"as {export and export.folder}"
        parts = "all" if model.is_for_many else "texts and a few photos, torch the rest"
        yield Finding("runtime", "ok", f"ONNX Runtime runs {subject.model} {kind}: {parts}.")
    elif here:
        yield Finding("runtime", "ok", f"The settings leave {subject.model} to torch.")
    elif weights_on_this_machine(subject.model) and has_torch() and not is_faster_with_torch():
        text = f"torch runs {subject.model}. Written as ONNX it takes half of the time and memory."
        mend = f"{command('export-model')} --model {quoted(subject.model)}"
        yield Finding("runtime", "ok", text, mend)
