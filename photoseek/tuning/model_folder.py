"""A model as a folder that OpenCLIP, and `--model local-dir:FOLDER`, reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from photoseek.errors import StorageError
from photoseek.files.atomic import replacing
from photoseek.plain_towers.model_files import CONFIG, WEIGHTS
from photoseek.tokenizing import TokenizerFiles
from photoseek.tokenizing.tokenizer_files import CONFIG as TOKENIZER_CONFIG
from photoseek.tokenizing.tokenizer_files import TOKENIZER

TOKENIZER_FILES = (TOKENIZER, TOKENIZER_CONFIG)
"""What `write_tokenizer` makes."""


def write_model(
    folder: Path,
    weights: Mapping[str, Tensor],
    model_config: Mapping[str, Any],
    preprocess_config: Mapping[str, Any],
) -> None:
    """Write weights and configuration, each whole or not at all; the weights come last.

    `model_config` and `preprocess_config` are OpenCLIP's `model_cfg` and `preprocess_cfg`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = {"model_cfg": dict(model_config), "preprocess_cfg": dict(preprocess_config)}
    with replacing(folder / CONFIG) as part:
        part.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    with replacing(folder / WEIGHTS) as part:
        # Copies, as the file's format knows no weight that is a part of another one.
        save_file({name: weight.clone().contiguous() for name, weight in weights.items()}, part)


@contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Inside, files are written into a folder.

    Raises:
        StorageError: one of them cannot be, as on a full disk.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise StorageError(
            f"{folder} cannot be written: {reason}. Mend that, as by making room, and run the same "
            "command again: it goes on from the last round that was stored."
        ) from error


def write_tokenizer(folder: Path, files: TokenizerFiles) -> None:
    """Write the tokenizer that a model has of its own beside it."""
    with replacing(folder / TOKENIZER) as part:
        shutil.copyfile(files.path, part)
    with replacing(folder / TOKENIZER_CONFIG) as part:
        part.write_text(json.dumps(files.config, indent=2) + "\n", encoding="utf-8")
