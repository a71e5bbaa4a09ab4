"""A tokenizer that was saved as `tokenizer.json`, used as OpenCLIP uses it by `transformers`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import TokenizerError
from photoseek.helpers.git_lfs import pointer_remark
from photoseek.tokenizing.cleaning import cleaning
from photoseek.tokenizing.tokenizer_files import TokenizerFiles
from photoseek.tokenizing.tokenizer_mark import Added, mark_of

# A process that forks later would be warned of the threads of the package otherwise.
_ONE_THREAD = ("TOKENIZERS_PARALLELISM", "false")

_USUAL = {
    "pad_token": ("[PAD]", "<pad>"),
    "bos_token": ("<s>", "<bos>"),
    "eos_token": ("</s>", "<eos>"),
    "sep_token": ("[SEP]", "</s>"),
    "cls_token": ("[CLS]", "<s>"),
}
"""What special tokens are called where the files do not say it: those of BERT, then of the others.
"""

_CLIPS_EXTRA = 3
"""In the mode "clips": a token for the start, one for the end, and one for the whole at the end."""


class JsonTokenizer:
    """Cleans a text as the model wants it, makes tokens of it, and fills up or cuts what is there.

    Attributes:
        length: how many tokens the model reads.
        clean: makes of a text what is read of it.
    """

    def __init__(
        self,
        files: TokenizerFiles,
        *,
        length: int,
        clean: str = "whitespace",
        strips_sep: bool = False,
        language: str = "",
        is_clips: bool = False,
    ) -> None:
        """Read a tokenizer.

        Args:
            files: where it is.
            length: how many tokens the model reads.
            clean: "canonicalize", "whitespace" or "lower": OpenCLIP's words for it.
            strips_sep: put 0 where a text ends (CLIPA).
            language: for NLLB, the language that texts are in, such as "deu_Latn"; "" for the one
                that the files say, or English.
            is_clips: add special tokens as CLIPS does.

        Raises:
            TokenizerError: a file is damaged, or a token that is needed is not there.
        """
        os.environ.setdefault(*_ONE_THREAD)
        from tokenizers import Tokenizer  # half of its time is that of the hub's client

        self.length = length
        self._files, self._config = files, files.config
        try:
            self.clean = cleaning(clean)
            self._tokenizer: Any = (
                Tokenizer.from_file(str(files.path))
                if files.content is None
                else Tokenizer.from_str(files.content)
            )
            if str(self._config.get("tokenizer_class", "")).startswith("Nllb"):
                self._set_language(language)
            self._pad = self._number("pad_token")
            self._special = self._clips_special() if is_clips else None
            self._sep = self._number("sep_token") if strips_sep else None
            self._fill_up_to(None if is_clips else length)
            self._tokenizer.encode("a")
        except TokenizerError:
            raise
        except Exception as error:  # the package raises nothing more special
            raise TokenizerError(
                f"The tokenizer in {files.place} cannot be used: {str(error).rstrip('.')}. Copy "
                f"tokenizer.json of the model once more, whole.{pointer_remark(files.path)}"
            ) from error

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of texts, shape (len(texts), length); each text is cut at `length`."""
        return self.numbers([self.clean(text) for text in texts])

    def numbers(self, cleaned: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of texts that are clean."""
        if self._special:
            return np.array([self._clips(text) for text in cleaned], np.int64).reshape(
                -1, self.length
            )
        encoded = self._tokenizer.encode_batch(list(cleaned))
        tokens = np.array([one.ids for one in encoded], np.int64).reshape(-1, self.length)
        if self._sep is not None:
            tokens[tokens == self._sep] = 0
        return tokens

    @cached_property
    def mark(self) -> str:
        """What tells it from others (`photoseek.tokenizing.tokenizer_mark`)."""
        return mark_of(self.numbers, self.added())

    def added(self) -> list[Added]:
        """The tokens that were added to the vocabulary."""
        found = self._tokenizer.get_added_tokens_decoder()
        return [
            (number, one.content, (one.single_word, one.lstrip, one.rstrip, one.normalized))
            for number, one in found.items()
        ]

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""
        cleaned = self.clean(text)
        if self._special:
            return len(self._without_special(cleaned)) > self.length - _CLIPS_EXTRA
        return bool(self._tokenizer.encode(cleaned).overflowing)

    def _set_language(self, language: str) -> None:
        """Put the language of a text before it, or behind it, which NLLB's file says nothing of."""
        from tokenizers.processors import TemplateProcessing

        spoken = language or str(self._config.get("src_lang") or "eng_Latn")
        number = self._tokenizer.token_to_id(spoken)
        if number is None:
            raise TokenizerError(
                f"The tokenizer in {self._files.place} knows no language {spoken!r}; "
                "its languages are called eng_Latn, deu_Latn and so on."
            )
        end = self._name("eos_token")
        is_behind = self._config.get("legacy_behaviour")
        single = ["$A", end, spoken] if is_behind else [spoken, "$A", end]
        self._tokenizer.post_processor = TemplateProcessing(
            single=single,
            pair=[*single, "$B"],
            special_tokens=[(end, self._number("eos_token")), (spoken, number)],
        )

    def _fill_up_to(self, length: int | None) -> None:
        if length is None:
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            return
        kind = str(self._config.get("tokenizer_class", ""))
        said = self._config.get("padding_side") or (self._tokenizer.padding or {}).get("direction")
        self._tokenizer.enable_padding(
            direction=said or ("left" if kind.startswith("Gemma") else "right"),
            pad_id=self._pad,
            pad_token=self._name("pad_token"),
            length=length,
        )
        self._tokenizer.enable_truncation(
            length, direction=self._config.get("truncation_side") or "right"
        )

    def _clips_special(self) -> tuple[int, int, int]:
        begin, end, whole = ("bos_token", "eos_token", "cls_token")
        return self._number(begin), self._number(end), self._number(whole)

    def _clips(self, cleaned: str) -> list[int]:
        assert self._special is not None
        begin, end, whole = self._special
        inner = self._without_special(cleaned)[: self.length - _CLIPS_EXTRA]
        tokens = [begin, *inner, end]
        return [*tokens, *[self._pad] * (self.length - 1 - len(tokens)), whole]

    def _without_special(self, cleaned: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(cleaned, add_special_tokens=False).ids
        return ids

    def _number(self, role: str) -> int:
        number: int = self._tokenizer.token_to_id(self._name(role))
        return number

    def _name(self, role: str) -> str:
        """What the token of a role is called.

        Raises:
            TokenizerError: nothing says it, or the vocabulary has no such token.
        """
        said = self._config.get(role)
        name = said.get("content") if isinstance(said, dict) else said
        for candidate in (name,) if name else _USUAL[role]:
            if self._tokenizer.token_to_id(str(candidate)) is not None:
                return str(candidate)
        called = f", {name!r}" if name else ""
        raise TokenizerError(
            f"The tokenizer in {self._files.place} has no {role}{called}: say in its "
            "tokenizer_config.json which token it is."
        )
