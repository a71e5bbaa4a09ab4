"""The tokenizer of an export."""

from __future__ import annotations

from photoseek.onnx_towers.export_folder import TEXTUAL, ExportFolder
from photoseek.tokenizing import Tokenizer, make_tokenizer
from photoseek.tokenizing.tokenizer_files import from_folder


def tokenizer_of(export: ExportFolder) -> Tokenizer:
    """What makes tokens for its text tower.

    Raises:
        TokenizerError: it cannot be had.
    """
    named = export.text_config.get("hf_tokenizer_name")
    files = from_folder(export.folder / TEXTUAL) if named else None
    return make_tokenizer(export.text_config, files)
