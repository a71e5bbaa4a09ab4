"""A tokenizer as large as that of SigLIP 2, made up: its speed does not depend on its words."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOKENS = 256_000
SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>")
DENSE = "▁etaoinshr"
"""All strings of these up to five are tokens, each of which many pairs become."""

LETTERS = DENSE + "dlcumwfgypbvkjxqzETAOINSHRDLCUMW0123456789"
OTHERS = ((0xC0, 0x17F), (0x391, 0x3CA), (0x410, 0x450), (0x5D0, 0x5EB), (0x4E00, 0x6000))
LONGEST = 14


def save_vocabulary(folder: Path) -> None:
    """Write `tokenizer.json` and what belongs to it into a folder."""
    others = [chr(code) for first, end in OTHERS for code in range(first, end)]
    names = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), *LETTERS, *others]
    vocabulary = {name: number for number, name in enumerate(dict.fromkeys(names))}
    single = len(vocabulary)
    for token in itertools.chain(_dense(), _drawn(others)):
        if len(vocabulary) == TOKENS:
            break
        vocabulary.setdefault(token, len(vocabulary))
    merges = [
        [token[:place], token[place:]]
        for token in itertools.islice(vocabulary, single, None)
        for place in range(1, len(token))
        if token[:place] in vocabulary and token[place:] in vocabulary
    ]
    document = _frame() | {"added_tokens": [_added(name, vocabulary[name]) for name in SPECIAL]}
    document["model"] |= {"vocab": vocabulary, "merges": merges}
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, indent=2))
    said = {"tokenizer_class": "GemmaTokenizer", "padding_side": "right"}
    said |= {f"{name}_token": f"<{name}>" for name in ("pad", "eos", "bos", "unk")}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))


def _dense() -> Iterator[str]:
    for length in range(2, 6):
        yield from map("".join, itertools.product(DENSE, repeat=length))


def _drawn(others: list[str]) -> Iterator[str]:
    """Tokens that are joined of two that are there."""
    chance = random.Random(0)
    pool = [*LETTERS, *others]
    while True:
        token = chance.choice(pool) + chance.choice(pool)
        if len(token) <= LONGEST:
            pool.append(token)
            yield token


def _added(name: str, number: int) -> dict[str, Any]:
    how = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": name, **how, "special": True}


def _frame() -> dict[str, Any]:
    text, space = {"Sequence": {"id": "A", "type_id": 0}}, {"String": " "}
    end = {"SpecialToken": {"id": "<eos>", "type_id": 0}}
    return {
        "version": "1.0",
        "normalizer": {"type": "Replace", "pattern": space, "content": "▁"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": space,
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [text, end],
            "pair": [text, end],
            "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1], "tokens": ["<eos>"]}},
        },
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
        },
    }
