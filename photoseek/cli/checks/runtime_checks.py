"""A look at models as ONNX files, which run without torch."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.cli.checks.findings import Finding, Subject
from photoseek.errors import PhotoseekError
from photoseek.helpers.extras import has_extra, without
from photoseek.helpers.machine import is_faster_with_torch
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.choosing_model import has_torch, onnx_model
from photoseek.onnx_towers import exports_folder, find_export


def look_at_onnx(subject: Subject) -> Iterator[Finding]:
    """Whether the model is here as ONNX, and what runs it."""
    settings = subject.settings
    try:
        export = find_export(subject.model, exports_folder(settings.exports))
        if export and not has_extra("onnx"):
            yield Finding("onnx", "warn", f"{export.folder} is not used. {without('onnx')}")
            return
        chosen = settings.model_copy(update={"model": subject.model})
        model = onnx_model(chosen) if export or settings.runtime == "onnx" else None
    except PhotoseekError as error:
        yield Finding("onnx", "wrong", str(error))
        return
    if export and model:
        parts = "all" if model.is_for_many else "texts and a few photos, torch the rest"
        yield Finding("onnx", "ok", f"{export.folder}; ONNX Runtime encodes {parts}")
    elif export:
        yield Finding("onnx", "ok", f"{export.folder}, which the settings leave to torch")
    elif has_extra("onnx") and has_torch() and not is_faster_with_torch():
        text = f"{subject.model} is not here as ONNX, which starts sooner and takes less memory"
        mend = f"{command('export-model')} --model {quoted(subject.model)}"
        yield Finding("onnx", "ok", f"{text}: {mend}")
