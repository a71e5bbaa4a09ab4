"""Tokenizers are told apart by what they do, and not by what their files look like."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer as Saved
from tokenizers import models, pre_tokenizers

from photoseek.tokenizing import Tokenizer, find_tokenizer_files, make_tokenizer
from photoseek.tokenizing.part_tokenizer import PartTokenizer
from tests.support.made_tokenizers import KINDS
from tests.support.other_tokenizers import (
    CONFIG,
    Change,
    few_pairs,
    keeps_case,
    no_end,
    one_word_more,
    write_tokenizer,
)

WHOLE = 1 << 40


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def made(config: dict[str, Any], folder: Path, *, large: int = WHOLE) -> Tokenizer:
    return make_tokenizer(config, find_tokenizer_files(config, f"local-dir:{folder}"), large=large)


def saved_otherwise(path: Path) -> None:
    """The same content with other spaces, in another order, and with the pairs of older files."""
    document = json.loads(path.read_text())
    model = document["model"]
    if "merges" in model:
        model["merges"] = [" ".join(pair) for pair in model["merges"]]
    if isinstance(model["vocab"], dict):
        model["vocab"] = dict(sorted(model["vocab"].items()))
    path.write_text(json.dumps(dict(reversed(document.items())), indent=3))


@pytest.mark.parametrize("name", KINDS)
def test_how_it_was_saved_does_not_matter(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    kind.save(tmp_path)
    before = made(kind.text_config, tmp_path).mark
    saved_otherwise(tmp_path / "tokenizer.json")
    assert made(kind.text_config, tmp_path).mark == before
    assert len(before) == 8


@pytest.mark.parametrize("name", ["SigLIP2", "gemma as it comes"])
def test_one_of_which_parts_are_read_has_that_of_the_whole(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    kind.save(tmp_path)
    part = made(kind.text_config, tmp_path, large=0)
    assert isinstance(getattr(part, "_tokenizer", part), PartTokenizer)
    assert part.mark == made(kind.text_config, tmp_path).mark


CLIP = {"hf_tokenizer_name": "photoseek/tiny", "context_length": 32, "vocab_size": 49408}


def of_clip(
    folder: Path, change: Change = lambda _: None, said: dict[str, str] | None = None
) -> str:
    """The mark of CLIP's tokenizer, changed, with what `said` lies beside it."""
    (folder / "tokenizer_config.json").write_text(json.dumps(CONFIG | (said or {})))
    write_tokenizer(folder, change)
    return made(CLIP, folder).mark


@pytest.mark.parametrize("change", [few_pairs, keeps_case, one_word_more, no_end])
def test_one_that_reads_otherwise_is_another(change: Change, tmp_path: Path) -> None:
    assert of_clip(tmp_path, change) != of_clip(tmp_path)


@pytest.mark.parametrize(
    "said", [{"pad_token": "<end_of_text>"}, {"padding_side": "left"}, {"truncation_side": "left"}]
)
def test_what_lies_beside_it_counts(said: dict[str, str], tmp_path: Path) -> None:
    assert of_clip(tmp_path, said=said) != of_clip(tmp_path)


def test_openclips_own_has_none_as_the_configuration_tells_all(tmp_path: Path) -> None:
    assert make_tokenizer({"context_length": 32}, None).mark == ""


def test_a_vocabulary_of_ones_own_counts(tmp_path: Path) -> None:
    path, marks = tmp_path / "own.txt.gz", set()
    for pairs in (b"r e\nre d</w>", b"r e\nd </w>"):
        path.write_bytes(gzip.compress(b"what it is\n" + pairs))
        config = {"context_length": 32, "tokenizer_kwargs": {"bpe_path": str(path)}}
        marks.add(make_tokenizer(config, None).mark)
    assert len(marks) == 2
    assert "" not in marks


def save_words(folder: Path, unknown: str) -> None:
    """A vocabulary of three words."""
    known = {"a": 0, "photo": 1, "[PAD]": 2}
    tokenizer = Saved(models.WordPiece(known, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def test_letters_that_it_cannot_read_leave_it_in_use(tmp_path: Path) -> None:
    """`tokenizers` raises where nothing stands for what is unknown."""
    save_words(tmp_path, "[UNK]")
    tokenizer = made({"hf_tokenizer_name": "x/y", "context_length": 8}, tmp_path)
    with pytest.raises(Exception, match="UNK"):
        tokenizer(["日本"])
    first = tokenizer.mark
    save_words(tmp_path, "a")
    assert made({"hf_tokenizer_name": "x/y", "context_length": 8}, tmp_path).mark != first


def test_numbers_beyond_the_model_are_told_by_a_text_that_has_them(tmp_path: Path) -> None:
    """To look at a tokenizer refuses none that reads what is asked."""
    of_clip(tmp_path)
    small = made(CLIP | {"vocab_size": 49_400}, tmp_path)
    assert small.mark == made(CLIP, tmp_path).mark
