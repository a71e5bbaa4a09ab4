"""How many texts of an evaluation are longer than what the model reads of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photoseek.helpers.counted import counted
from photoseek.tokenizing import Tokenizer


@dataclass(frozen=True, slots=True)
class CutTexts:
    """How many of the `texts` are `cut`, each to that number of `tokens`."""

    texts: int
    cut: int
    tokens: int

    def remark(self, model: str) -> str:
        """The same in words; "" where the model has read every text to its end."""
        if not self.cut:
            return ""
        were, its = ("was", "its end was") if self.cut == 1 else ("were", "their ends were")
        return (
            f"{self.cut:,} of {counted(self.texts, 'text', 'texts')} {were} cut to {self.tokens:,} "
            f"tokens, which are words or parts of words: the model {model} reads no more, and "
            f"{its} not read."
        )


def cut_texts(texts: Sequence[str], tokenizer: Tokenizer) -> CutTexts:
    """Count the texts that a tokenizer cuts."""
    return CutTexts(len(texts), sum(map(tokenizer.is_cut, texts)), tokenizer.length)
