"""The tokenizer that the configuration of a model asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.openclip_parts import usual_text
from photoseek.errors import TokenizerError
from photoseek.tokenizing.clip_tokenizer import ClipTokenizer
from photoseek.tokenizing.json_tokenizer import JsonTokenizer
from photoseek.tokenizing.kept_tables import LARGE, table_of
from photoseek.tokenizing.part_tokenizer import PartTokenizer
from photoseek.tokenizing.tokenizer_files import TokenizerFiles, from_folder, from_hub

Tokens = NDArray[np.int64]
"""Numbers of tokens, shape (texts, length): each row is filled up to the length of the model."""


class Tokenizer(Protocol):
    """Turns texts into what the text tower of one model reads.

    Safe to call from several threads.
    """

    @property
    def length(self) -> int:
        """How many tokens the model reads of a text, with those for its start and its end."""

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts; each text is cut at `length`."""

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""


def find_tokenizer_files(text_config: Mapping[str, Any], source: str) -> TokenizerFiles | None:
    """The files that a model's tokenizer is made from; None where OpenCLIP's own is meant.

    They are fetched from the model hub unless they are on this machine. They cost some megabytes,
    and the weights a gigabyte: ask for these first.

    Args:
        text_config: what the model's configuration says of its texts (`text_cfg`).
        source: the model's name; beside a `local-dir:` model lies its tokenizer.

    Raises:
        TokenizerError: they cannot be had.
    """
    repository = str(text_config.get("hf_tokenizer_name") or "")
    if not repository:
        return None
    if source.startswith("local-dir:"):
        return from_folder(Path(source.removeprefix("local-dir:")))
    return from_hub(repository)


def make_tokenizer(
    text_config: Mapping[str, Any], files: TokenizerFiles | None, *, large: int = LARGE
) -> Tokenizer:
    """A model's tokenizer, of the files that `find_tokenizer_files` gave.

    A file of at least `large` bytes is not read for each text that is short.

    Raises:
        TokenizerError: the files are damaged, or lack a token that is needed.
    """
    given = dict(text_config.get("tokenizer_kwargs") or {})
    length = int(text_config.get("context_length") or usual_text()["context_length"])
    if files is None:
        # The reduction that may be named drops tokens by chance, in training.
        given.pop("reduction_mask", None)
        return ClipTokenizer(length, given)
    read = partial(
        JsonTokenizer,
        length=length,
        clean=str(given.get("clean", "whitespace")),
        strips_sep=bool(given.get("strip_sep_token", False)),
        language=str(given.get("language") or ""),
        is_clips=text_config.get("tokenizer_mode") == "clips",
    )
    if table := table_of(files.path, large=large):
        with suppress(TokenizerError):  # the whole one may have what the table lacks, or says it
            return PartTokenizer(files, table, read)
    return read(files)
