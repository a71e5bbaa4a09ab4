"""Tokenizers that look up what a text needs, beside those that read all of their vocabulary."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import TokenizerError
from photoseek.tokenizing import Tokenizer, find_tokenizer_files, make_tokenizer
from photoseek.tokenizing.kept_tables import table_of
from photoseek.tokenizing.part_tokenizer import LONG, PartTokenizer
from tests.support.languages import texts
from tests.support.made_tokenizers import KINDS

TEXTS = texts()
IN_TABLES = ("SigLIP2", "gemma as it comes")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tables are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "photoseek" / "tokenizers"


def made(name: str, folder: Path, *, large: int = 0) -> Tokenizer:
    config = KINDS[name].text_config
    files = find_tokenizer_files(config, f"local-dir:{folder}")
    return make_tokenizer(config, files, large=large)


@pytest.mark.parametrize("name", IN_TABLES)
def test_the_tokens_are_those_of_the_whole_vocabulary(name: str, tmp_path: Path) -> None:
    KINDS[name].save(tmp_path)
    whole, part = made(name, tmp_path, large=1 << 40), made(name, tmp_path)
    assert isinstance(part, PartTokenizer)
    for start in range(0, len(TEXTS), 25):  # every script, and all that is odd
        some = TEXTS[start : start + 8]
        np.testing.assert_array_equal(part(some), whole(some))
        assert [part.is_cut(text) for text in some] == [whole.is_cut(text) for text in some]
    assert part([]).shape == (0, part.length)
    long = ["a red car at night " * LONG]
    np.testing.assert_array_equal(part(long), whole(long))


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {*IN_TABLES}))
def test_other_kinds_read_all_of_it(name: str, cache: Path, tmp_path: Path) -> None:
    """That there is no table is kept as well: it takes as long to find out."""
    KINDS[name].save(tmp_path)
    assert not isinstance(made(name, tmp_path), PartTokenizer)
    [kept] = cache.iterdir()
    before = kept.read_bytes()
    assert table_of(tmp_path / "tokenizer.json", large=0) is None
    assert kept.read_bytes() == before


def test_a_table_is_kept_until_its_file_changes(cache: Path, tmp_path: Path) -> None:
    KINDS["SigLIP2"].save(tmp_path)
    path, texts = tmp_path / "tokenizer.json", ["a red car", "夜晚的红色汽车"]
    expected = made("SigLIP2", tmp_path)(texts)
    [kept] = cache.iterdir()
    first = kept.stat()
    np.testing.assert_array_equal(made("SigLIP2", tmp_path)(texts), expected)
    assert kept.stat() == first, "it was read, and not made again"

    document = json.loads(path.read_text())
    document["model"]["merges"] = []
    path.write_text(json.dumps(document))
    changed = made("SigLIP2", tmp_path)(texts)
    whole = made("SigLIP2", tmp_path, large=1 << 40)(texts)
    np.testing.assert_array_equal(changed, whole)
    assert (changed != expected).any()
    assert [kept] == list(cache.iterdir())


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"half"])
def test_a_damaged_table_is_made_again(damage: bytes, cache: Path, tmp_path: Path) -> None:
    KINDS["SigLIP2"].save(tmp_path)
    expected = made("SigLIP2", tmp_path)(["a red car"])
    [kept] = cache.iterdir()
    right = kept.read_bytes()
    kept.write_bytes(right[: len(right) // 2] if damage == b"half" else damage)
    np.testing.assert_array_equal(made("SigLIP2", tmp_path)(["a red car"]), expected)
    assert kept.read_bytes() == right


def test_nothing_has_to_be_written(cache: Path, tmp_path: Path) -> None:
    KINDS["SigLIP2"].save(tmp_path)
    cache.parent.mkdir(parents=True)
    cache.write_text("a file, and no folder")
    tokenizer = made("SigLIP2", tmp_path)
    whole = made("SigLIP2", tmp_path, large=1 << 40)
    np.testing.assert_array_equal(tokenizer(["a red car"]), whole(["a red car"]))


def test_what_is_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    KINDS["SigLIP2"].save(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": []}')
    with pytest.raises(TokenizerError, match="cannot be used"):
        made("SigLIP2", tmp_path)
    KINDS["SigLIP2"].save(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"pad_token": "<gone>"}')
    with pytest.raises(TokenizerError, match="has no pad_token, '<gone>'"):
        made("SigLIP2", tmp_path)
