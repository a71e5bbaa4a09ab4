"""`photoseek export-model`: a model as ONNX files, which run without torch."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console
from photoseek.errors import MissingPackageError
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.default_model import default_model
from photoseek.indexing.use_of_torch import has_torch
from photoseek.onnx_towers import exports_folder, place_for
from photoseek.settings import Settings
from photoseek.store import peek_model


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write the model of the settings, or of the index, and look whether its vectors are right."""
    if not has_torch():
        raise MissingPackageError(
            "To write a model as ONNX takes PyTorch, which is not installed here. Do it where it "
            "is, with --to FOLDER, and use that folder here: --model local-dir:FOLDER."
        )
    console = new_console(stderr=options.json)
    made_with = peek_model(settings.index, settings) if settings.model is None else None
    name = settings.model or (made_with.name if made_with else default_model())
    by_name = place_for(name, exports_folder(settings.exports))
    folder = Path(options.to).expanduser() if options.to else by_name

    def tell(sentence: str) -> None:
        console.print(Text(sentence), soft_wrap=True)

    from photoseek.model.onnx_export import export_model  # torch takes seconds to import

    report = export_model(name, folder, tell=tell)
    if options.json:
        print(json_line({"model": name, "folder": str(folder), **asdict(report)}))
        return 0
    if report.is_new:
        tell(
            f"{name} is in {folder}, {report.bytes / 1e6:,.0f} MB; its vectors are those of torch."
        )
    else:
        tell(f"{name} was in {folder} already.")
    named = by_name == folder or name == f"local-dir:{folder}"
    again = f"--model {quoted(name)}" if named else f"--model {quoted(f'local-dir:{folder}')}"
    console.print(
        Text(f"Use it: {command('index')} {again} --source FOLDER", style="dim"), soft_wrap=True
    )
    return 0
