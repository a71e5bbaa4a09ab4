"""The tokenizer of CLIP, with the vocabulary that comes with OpenCLIP.

OpenCLIP's own makes four tables of it pair by pair when it is loaded, which takes longer than to
encode a text. Here one is made of all lines at once, and no package is loaded for a text in plain
English.
"""

from __future__ import annotations

import functools
import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.openclip_parts import clip_vocabulary
from photoseek.errors import TokenizerError
from photoseek.tokenizing.cleaning import cleaning
from photoseek.tokenizing.tokenizer_mark import mark_of

_START, _END = "<start_of_text>", "<end_of_text>"
_WORD_ENDS = "</w>"
_PAIRS = 48_894
"""Lines of the vocabulary's file that count, behind the first one, which says what it is."""

_AT_ONCE = 1 << 19
"""Characters that are read at once: a little more than these lines have."""

_SHORT_FORMS = r"'s|'t|'re|'ve|'m|'ll|'d"
_PLAIN = rf"{_SHORT_FORMS}|[a-z]+|[0-9]|[^\sa-z0-9]+"
_ANY = rf"{_SHORT_FORMS}|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+"
"""What texts are cut into: words, single digits, and what is neither. The first is for ASCII, where
it says the same as the second.
"""

_KEPT_WORDS = 10_000

_OPTIONS = {"bpe_path", "additional_special_tokens", "clean", "context_length"}


class ClipTokenizer:
    """Makes tokens of a text, and fills up with 0 or cuts what is there.

    Attributes:
        length: how many tokens the model reads.
    """

    def __init__(self, length: int, options: Mapping[str, Any]) -> None:
        """`options` are those of OpenCLIP's `SimpleTokenizer`.

        Raises:
            TokenizerError: there is no such option, or no such vocabulary or way to clean texts.
        """
        if unknown := sorted(options.keys() - _OPTIONS):
            raise TokenizerError(f"The tokenizer of CLIP has no option {unknown[0]!r}.")
        own = options.get("bpe_path")
        path = Path(own or clip_vocabulary())
        special = (_START, _END, *(options.get("additional_special_tokens") or ()))
        self.length = length
        try:
            self._clean = cleaning(str(options.get("clean", "lower")))
            self._words = _Words(path, special)
            self._is_usual = not own
        except (OSError, EOFError, ValueError) as error:
            raise TokenizerError(f"The tokenizer of CLIP cannot be used: {error}") from error

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of texts, shape (len(texts), length); each text is cut at `length`."""
        tokens = np.zeros((len(texts), self.length), np.int64)
        start, end = (self._words.special[name] for name in (_START, _END))
        for row, text in zip(tokens, texts, strict=True):
            inner = self._encode(text)[: self.length - 2]
            row[: len(inner) + 2] = [start, *inner, end]
        return tokens

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""
        return len(self._encode(text)) + 2 > self.length

    @functools.cached_property
    def mark(self) -> str:
        """What tells it from others; "" with OpenCLIP's vocabulary, as the rest stands in the
        configuration of the model.
        """
        return "" if self._is_usual else mark_of(self)

    def _encode(self, text: str) -> list[int]:
        """The tokens of a text, without those for its start and its end."""
        words = self._words.cut(self._clean(text))
        return [token for word in words for token in self._words.tokens(word)]


class _Words:
    """A vocabulary of pairs of parts that are joined, the first of them first.

    Its tokens are the letters, these at the end of a word, what the pairs become, and `special`
    ones, in this order.
    """

    def __init__(self, path: Path, special: Sequence[str]) -> None:
        pairs = _pairs(path)
        self._ranks = dict(zip(pairs, range(len(pairs)), strict=True))
        letters = list(_letters().values())
        single = [*letters, *(letter + _WORD_ENDS for letter in letters)]
        self._single = dict(zip(single, range(len(single)), strict=True))
        after = len(single) + len(pairs)
        self.special = dict(zip(special, range(after, after + len(special)), strict=True))
        self._special = "|".join(special)
        self.tokens = functools.lru_cache(_KEPT_WORDS)(self._tokens_of)

    def cut(self, text: str) -> list[str]:
        """The words of a text."""
        find = self._find_plain if text.isascii() else self._find_any
        return find(text)

    @functools.cached_property
    def _find_plain(self) -> Callable[[str], list[str]]:
        return re.compile(f"{self._special}|{_PLAIN}", re.IGNORECASE | re.ASCII).findall

    @functools.cached_property
    def _find_any(self) -> Callable[[str], list[str]]:
        import regex  # which knows what letters other scripts have

        found: Callable[[str], list[str]] = regex.compile(
            f"{self._special}|{_ANY}", regex.IGNORECASE
        ).findall
        return found

    def _tokens_of(self, word: str) -> tuple[int, ...]:
        """The tokens of a word."""
        letters = _letters()
        name = "".join(letters[byte] for byte in word.encode("utf-8"))
        if name in self.special:
            return (self.special[name],)
        parts = [*name[:-1], name[-1] + _WORD_ENDS]
        while len(parts) > 1:
            ranks = [self._ranks.get(f"{left} {right}", _PAIRS) for left, right in pairwise(parts)]
            if (first := min(ranks)) == _PAIRS:
                break
            parts = _joined(parts, ranks, first)
        return tuple(map(self._number, parts))

    def _number(self, part: str) -> int:
        """The token that a part of a word is: the last one of that name."""
        if part in self.special:
            return self.special[part]
        cuts = (f"{part[:cut]} {part[cut:]}" for cut in range(1, len(part)))
        rank = max((self._ranks.get(pair, -1) for pair in cuts), default=-1)
        return self._single[part] if rank < 0 else len(self._single) + rank


def _pairs(path: Path) -> list[str]:
    """The pairs in a vocabulary's file, the first to be joined first."""
    text = ""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        while text.count("\n") <= _PAIRS and (more := file.read(_AT_ONCE)):
            text += more
    return text.split("\n", _PAIRS + 1)[1 : _PAIRS + 1]


def _joined(parts: Sequence[str], ranks: Sequence[int], rank: int) -> list[str]:
    """Parts of a word, of which all pairs of this rank are joined."""
    joined, place = [], 0
    while place < len(parts):
        is_pair = place < len(ranks) and ranks[place] == rank
        joined.append("".join(parts[place : place + 1 + is_pair]))
        place += 1 + is_pair
    return joined


@functools.cache
def _letters() -> dict[int, str]:
    """A visible letter for each byte: those that are one stand for themselves."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
    visible += range(ord("®"), ord("ÿ") + 1)
    others = [byte for byte in range(256) if byte not in visible]
    letters = [*visible, *range(256, 256 + len(others))]
    return dict(zip([*visible, *others], map(chr, letters), strict=True))
