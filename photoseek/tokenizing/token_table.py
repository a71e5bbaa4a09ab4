"""The vocabulary of a large tokenizer, from which a text is given what it may need.

To read a vocabulary of 256,000 tokens takes longer than all the rest of a search, and hundreds of
megabytes. A text needs few of them: in byte pair encoding every token of it is a part of it, and so
is what two tokens become. A tokenizer of these alone gives the same tokens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
"""The version of what is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenTable:
    """The tokens of a vocabulary by the hash of each, and the pairs that they are made from.

    Attributes:
        frame: the `tokenizer.json` with no more of the vocabulary than what stands for itself.
        longest: how many characters the longest token has.
        hashes: of the tokens, in ascending order, shape (tokens,).
        numbers: of these tokens, shape (tokens,).
        pairs: where the pairs of each token begin in the two that follow, shape (tokens + 1,).
        ranks: which pair is joined first, shape (pairs,).
        lefts: how many characters the left one of a pair has, shape (pairs,).
    """

    frame: dict[str, Any]
    longest: int
    hashes: NDArray[np.uint64]
    numbers: NDArray[np.int32]
    pairs: NDArray[np.int32]
    ranks: NDArray[np.int32]
    lefts: NDArray[np.int32]

    def tokenizer_for(self, texts: Iterable[str]) -> str:
        """A `tokenizer.json` that gives these texts the tokens that the whole one gives them."""
        parts = sorted({part for text in texts for part in self._parts(self._normal(text))})
        wanted = np.array([_hash(part) for part in parts], np.uint64)
        places = np.searchsorted(self.hashes, wanted)
        places[places == len(self.hashes)] = 0
        found = np.flatnonzero(self.hashes[places] == wanted)
        vocabulary: dict[str, int] = dict(self.frame["model"]["vocab"])
        merges: list[tuple[int, str, str]] = []
        for index in found:
            token, place = parts[index], places[index]
            vocabulary[token] = int(self.numbers[place])
            for pair in range(self.pairs[place], self.pairs[place + 1]):
                left = int(self.lefts[pair])
                merges.append((int(self.ranks[pair]), token[:left], token[left:]))
        joined = [[left, right] for _, left, right in sorted(merges)]
        model = self.frame["model"] | {"vocab": vocabulary, "merges": joined}
        return json.dumps(self.frame | {"model": model})

    def _normal(self, text: str) -> str:
        normalizer = self.frame.get("normalizer")
        if normalizer is None:
            return text
        return text.replace(normalizer["pattern"]["String"], normalizer["content"])

    def _parts(self, text: str) -> Iterable[str]:
        for start in range(len(text)):
            for end in range(start + 1, min(start + self.longest, len(text)) + 1):
                yield text[start:end]


def make_table(path: Path) -> TokenTable | None:
    """The table of a `tokenizer.json`; None where its tokens are found in another way.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if not _is_known(document):
        return None
    model = document["model"]
    vocabulary: dict[str, int] = model["vocab"]
    tokens = list(vocabulary)
    hashes = np.array([_hash(token) for token in tokens], np.uint64)
    order = np.argsort(hashes)
    row_of = np.empty(len(tokens), np.int64)
    row_of[order] = np.arange(len(tokens))
    index_of = {token: index for index, token in enumerate(tokens)}
    pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    rows = row_of[[index_of[left + right] for left, right in pairs]] if pairs else order[:0]
    lefts = np.array([len(left) for left, _ in pairs], np.int32)
    ranks = np.argsort(rows, kind="stable").astype(np.int32)
    return TokenTable(
        frame=document | {"model": model | {"vocab": _of_itself(document), "merges": []}},
        longest=max(map(len, tokens)),
        hashes=hashes[order],
        numbers=np.fromiter(vocabulary.values(), np.int32, len(tokens))[order],
        pairs=np.searchsorted(rows[ranks], np.arange(len(tokens) + 1)).astype(np.int32),
        ranks=ranks,
        lefts=lefts[ranks],
    )


def _is_known(document: Mapping[str, Any]) -> bool:
    """Whether tokens of a text are parts of it, once something in it was replaced."""
    model, normalizer = document["model"], document.get("normalizer")
    cutter = document.get("pre_tokenizer")
    changes = ("dropout", "continuing_subword_prefix", "end_of_word_suffix")
    return (
        model.get("type") == "BPE"
        and not any(model.get(name) for name in changes)
        and (normalizer is None or _is_plain(normalizer, "Replace"))
        and (cutter is None or _is_plain(cutter, "Split"))
    )


def _is_plain(step: Mapping[str, Any], kind: str) -> bool:
    return step.get("type") == kind and "String" in step.get("pattern", {})


def _of_itself(document: Mapping[str, Any]) -> dict[str, int]:
    """The part of the vocabulary that is no part of a text: special tokens and single bytes."""
    vocabulary: dict[str, int] = document["model"]["vocab"]
    added = {each["content"]: each["id"] for each in document.get("added_tokens") or ()}
    names: Sequence[str] = [f"<0x{byte:02X}>" for byte in range(256)]
    names = [*names, str(document["model"].get("unk_token"))]
    return {name: vocabulary[name] for name in names if name in vocabulary} | added


def _hash(token: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(token.encode(errors="surrogatepass"), digest_size=8).digest(), "little"
    )
