"""A tokenizer of a large vocabulary, of which short texts have no more read than they need."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoseek.tokenizing.json_tokenizer import JsonTokenizer
from photoseek.tokenizing.token_table import TokenTable
from photoseek.tokenizing.tokenizer_files import TokenizerFiles
from photoseek.tokenizing.tokenizer_mark import mark_of

LONG = 2_000
"""Characters of texts that come together for which the whole vocabulary is read, once."""


class PartTokenizer:
    """Does what a `JsonTokenizer` of the same files does. Safe to call from several threads.

    Attributes:
        length: how many tokens the model reads.
    """

    def __init__(
        self,
        files: TokenizerFiles,
        table: TokenTable,
        read: Callable[[TokenizerFiles], JsonTokenizer],
    ) -> None:
        """`read` makes a tokenizer of files.

        Raises:
            TokenizerError: a token that is needed is not in the table.
        """
        self._files, self._table, self._read = files, table, read
        self._whole = functools.cache(lambda: read(files))
        self._bare = read(replace(files, content=table.tokenizer_for([])))
        self.length = self._bare.length

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of texts, shape (len(texts), length); each text is cut at `length`."""
        return self._of(texts)(texts)

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""
        return self._of([text]).is_cut(text)

    @functools.cached_property
    def mark(self) -> str:
        """What tells it from others: that of the whole tokenizer."""
        return mark_of(lambda texts: self._for(texts).numbers(texts), self._bare.added())

    def _of(self, texts: Sequence[str]) -> JsonTokenizer:
        """A tokenizer that has what these texts need."""
        if sum(map(len, texts)) > LONG:
            return self._whole()
        return self._for(map(self._bare.clean, texts))

    def _for(self, cleaned: Iterable[str]) -> JsonTokenizer:
        return self._read(replace(self._files, content=self._table.tokenizer_for(cleaned)))
