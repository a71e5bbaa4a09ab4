"""A model in folders that differ in their tokenizers alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from photoseek.compat.openclip_parts import clip_vocabulary
from photoseek.plain_towers.model_files import DEMO_FOLDER
from photoseek.tokenizing.clip_tokenizer import _letters, _pairs

START, END = "<start_of_text>", "<end_of_text>"
CONFIG = {"pad_token": "!", "bos_token": START, "eos_token": END}
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

Change = Callable[[dict[str, Any]], object]
"""Changes a `tokenizer.json`."""


def demo_with_tokenizer(folder: Path, change: Change = lambda _: None) -> str:
    """The demo model with a tokenizer.json that reads texts as OpenCLIP does; returns its name."""
    shutil.copytree(DEMO_FOLDER, folder)
    path = folder / "open_clip_config.json"
    document = json.loads(path.read_text())
    document["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "photoseek/tiny"
    path.write_text(json.dumps(document))
    (folder / "tokenizer_config.json").write_text(json.dumps(CONFIG))
    write_tokenizer(folder, change)
    return f"local-dir:{folder}"


def write_tokenizer(folder: Path, change: Change = lambda _: None) -> None:
    """Write a tokenizer.json into a folder with a model, over the one that is there."""
    document = json.loads(_of_clip())
    change(document)
    (folder / "tokenizer.json").write_text(json.dumps(document))


def few_pairs(document: dict[str, Any]) -> None:
    """Nearly all words fall into more parts."""
    del document["model"]["merges"][500:]


def keeps_case(document: dict[str, Any]) -> None:
    """Capital letters are read as they are."""
    document["normalizer"]["normalizers"].pop()


def one_word_more(document: dict[str, Any]) -> None:
    """A word that no other text has is a token of its own."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": True}
    added = {"id": 1234, "content": "photoseek", "special": False}
    document["added_tokens"].append(added | flags)


def no_end(document: dict[str, Any]) -> None:
    """Nothing stands behind a text."""
    document["post_processor"] = None


@cache
def _of_clip() -> str:
    """OpenCLIP's own tokenizer as a `tokenizer.json`."""
    pairs = [tuple(pair.split(" ")) for pair in _pairs(Path(clip_vocabulary()))]
    letters = list(_letters().values())
    names = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, pairs), START, END]
    vocabulary = {name: number for number, name in enumerate(names)}  # of two the last one counts
    bpe = models.BPE(
        vocabulary,
        [(left, right) for left, right in pairs],
        unk_token=END,
        end_of_word_suffix="</w>",
        continuing_subword_prefix="",
    )
    made = Tokenizer(bpe)
    space = normalizers.Replace(Regex(r"\s+"), " ")
    made.normalizer = normalizers.Sequence([normalizers.NFC(), space, normalizers.Lowercase()])
    split = pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True)
    in_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, in_bytes])
    made.add_special_tokens([START, END])
    numbers = [(token, made.token_to_id(token)) for token in (START, END)]
    made.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", pair=f"{START} $A {END} $B {END}", special_tokens=numbers
    )
    return made.to_str()
