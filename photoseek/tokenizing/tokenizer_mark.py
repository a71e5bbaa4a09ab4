"""What tells tokenizers apart: the numbers that they make of some texts, however they were saved.

Two files may differ and make the same: another version of `tokenizers` writes pairs in another way,
and others put the same in another order. So the texts count, and not the bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_TEXTS = (
    "a photo of a red car at night, before the old bridge",
    "Two CHILDREN'S kites over the Sea, 1998: 3.14 & 10,000!",
    "fishermen   mending nets\tby moonlight",
    "unquestionably photogenic skyscrapers_2",
    "große Möwen über dem Fluß, déjà l'été, El Niño",
    "красная машина ночью",
    "夜の赤い車、旧桥上的雪",
    "سيارة حمراء रात में लाल कार 밤의 자동차",
    "🚗🏽 ½ ﬁ Ⅳ e\u0301 \uff21\uff22",
    "<s></s><pad>[CLS][SEP]<|endoftext|>",
    "",
    "a " * 90,
)
"""Of many scripts and kinds something, in few characters: of a large vocabulary no more is read
than what they need, and a start waits for it. The last one is longer than what most models read.
"""

Added = tuple[int, str, tuple[bool, ...]]
"""A token that was added to a vocabulary: its number, its name, and how it is looked for."""


def mark_of(
    numbers: Callable[[Sequence[str]], NDArray[np.int64]], added: Iterable[Added] = ()
) -> str:
    """8 hex digits over what a tokenizer does.

    `numbers` gives the tokens of texts that are clean, shape (len(texts), length). How a model
    cleans texts, and how long they are, stands in its configuration.
    """
    digest = hashlib.blake2b(digest_size=4)
    digest.update(_told(numbers, _TEXTS))
    digest.update(repr(sorted(added)).encode())
    return digest.hexdigest()


def _told(numbers: Callable[[Sequence[str]], NDArray[np.int64]], texts: Sequence[str]) -> bytes:
    try:
        return numbers(texts).astype("<i8").tobytes()
    except Exception:  # nothing stands for a letter; the package raises nothing more special
        if len(texts) == 1:
            return b"none"
        return b"".join(_told(numbers, [text]) for text in texts)
