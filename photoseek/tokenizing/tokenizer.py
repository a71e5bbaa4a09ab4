"""The tokenizer that the configuration of a model asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


_TRIAL = ("A photo of a red car at night, before the city's lights", "zebra", "日本 привет 2026")
"""Of each kind of text something, as most numbers of a larger vocabulary show up soon."""


class Tokenizer(Protocol):
    """Turns texts into what the text tower of one model reads.

    Safe to call from several threads.
    """

    @property
    def length(self) -> int:
        """How many tokens the model reads of a text, with those for its start and its end."""

    @property
    def mark(self) -> str:
        """8 hex digits that tell it from others by what it does, whatever its files look like; ""
        for the tokenizer that comes with OpenCLIP.
        """

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts; each text is cut at `length`."""

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""


class BoundTokenizer:
    """A tokenizer none of whose numbers is beyond the vocabulary of the model that reads them."""

    def __init__(self, tokenizer: Tokenizer, vocabulary: int, place: str) -> None:
        """`vocabulary` is how many tokens the model knows, `place` what messages call the files, ""
        for the tokenizer that comes with OpenCLIP.
        """
        self._tokenizer, self._vocabulary, self._place = tokenizer, vocabulary, place

    @property
    def length(self) -> int:
        """How many tokens the model reads."""
        return self._tokenizer.length

    @property
    def mark(self) -> str:
        """What tells it from others; numbers beyond the vocabulary count as they are."""
        return self._tokenizer.mark

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts; each text is cut at `length`.

        Raises:
            TokenizerError: it is that of another model.
        """
        tokens = self._tokenizer(texts)
        largest = int(tokens.max(initial=0))
        if largest >= self._vocabulary:
            which = f"in {self._place}" if self._place else "of CLIP"
            mend = (
                "Put the tokenizer.json there that belongs to the weights."
                if self._place
                else "It is taken where a model's configuration names no other (hf_tokenizer_name)."
            )
            raise TokenizerError(
                f"The tokenizer {which} is that of another model: it makes the number "
                f"{largest:,}, and the model knows {self._vocabulary:,} tokens. {mend}"
            )
        return tokens

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""
        return self._tokenizer.is_cut(text)


def check_reads(tokenizer: Tokenizer) -> None:
    """Try a tokenizer, before anything is done that would be in vain.

    Raises:
        TokenizerError: it is that of another model.
    """
    tokenizer(_TRIAL)


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
        return _bound(ClipTokenizer(length, given), text_config, "")
    read = partial(
        JsonTokenizer,
        length=length,
        clean=str(given.get("clean", "whitespace")),
        strips_sep=bool(given.get("strip_sep_token", False)),
        language=str(given.get("language") or ""),
        is_clips=text_config.get("tokenizer_mode") == "clips",
    )
    return _bound(_made(files, read, large), text_config, files.place)


def _bound(tokenizer: Tokenizer, text_config: Mapping[str, Any], place: str) -> Tokenizer:
    # Towers of `transformers` have their vocabulary from a configuration of their own.
    known = None if text_config.get("hf_model_name") else text_config.get("vocab_size")
    return BoundTokenizer(tokenizer, known, place) if isinstance(known, int) else tokenizer


def _made(
    files: TokenizerFiles, read: Callable[[TokenizerFiles], JsonTokenizer], large: int
) -> Tokenizer:
    if table := table_of(files.path, large=large):
        with suppress(TokenizerError):  # the whole one may have what the table lacks, or says it
            return PartTokenizer(files, table, read)
    return read(files)
