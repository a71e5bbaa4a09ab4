"""Our tokenizers give what OpenCLIP's give, which are made of `transformers`."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest

from photoseek.errors import TokenizerError
from photoseek.tokenizing import Tokenizer, find_tokenizer_files, make_tokenizer
from tests.support.languages import texts
from tests.support.made_tokenizers import KINDS, Kind

TEXTS = texts()
ROOT = Path(__file__).parents[2]


def ours(kind: Kind, folder: Path) -> Tokenizer:
    files = find_tokenizer_files(kind.text_config, f"local-dir:{folder}")
    return make_tokenizer(kind.text_config, files)


@pytest.mark.parametrize("name", KINDS)
def test_the_tokens_are_those_of_openclip(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    theirs = open_clip.tokenizer.HFTokenizer(
        str(kind.save(tmp_path)),
        context_length=kind.length,
        tokenizer_mode=kind.mode or None,
        **kind.options,
    )
    if language := kind.options.get("language"):
        theirs.tokenizer.src_lang = language  # OpenCLIP sets it, and `transformers` sets it back
    expected = theirs(TEXTS).numpy()
    tokens = ours(kind, tmp_path)(TEXTS)
    assert tokens.dtype == expected.dtype
    assert tokens.shape == (1000, kind.length)
    different = [
        text
        for text, one, other in zip(TEXTS, tokens, expected, strict=True)
        if (one != other).any()
    ]
    assert not different


OF_CLIP = [
    *("", " ", "a", "it's I'LL we've", "2024-11-28", "aaaaaaaaaaaaaaa", "x" * 300),
    *("<start_of_text>", "a <END_OF_TEXT> in it", "<photo> of a <Photo>", "#@!? ...,, ''s"),
    *("½ ² Ⅷ ٣", "\u017f\u212a \ufb01", "👩\u200d👩\u200d👧 ️", "\x1f \x00 \x85"),
    *("ein\u00a0Straßenschild", "&amp;lt;b&gt; cafÃ©", "_a_b_"),
]
"""Texts with what only CLIP's own tokenizer has to do with."""


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"clean": "canonicalize"},
        {"clean": "whitespace"},
        {"additional_special_tokens": ["<photo>"], "context_length": 99},
    ],
)
def test_the_tokens_of_clip_are_those_of_openclip(options: dict[str, Any]) -> None:
    theirs = open_clip.SimpleTokenizer(**options)
    tokenizer = make_tokenizer({"context_length": 24, "tokenizer_kwargs": options}, None)
    texts = [*TEXTS, *OF_CLIP]
    np.testing.assert_array_equal(tokenizer(texts), theirs(texts, context_length=24).numpy())


def test_a_vocabulary_of_ones_own_is_read_as_openclip_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "own.txt.gz"
    path.write_bytes(gzip.compress(b"what it is\nr e\nre d</w>\nc a\nca r</w>\na a"))
    theirs = open_clip.SimpleTokenizer(str(path), context_length=16)
    options = {"context_length": 16, "tokenizer_kwargs": {"bpe_path": str(path)}}
    texts = ["a red car", "reread aaaa aaa", "Straße"]
    np.testing.assert_array_equal(make_tokenizer(options, None)(texts), theirs(texts).numpy())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"clean": "shiny"}, "'shiny'"),
        ({"speed": 3}, "no option 'speed'"),
        ({"bpe_path": "/gone.gz"}, "cannot be used: .*/gone.gz"),
        ({"bpe_path": __file__}, "cannot be used: "),
    ],
)
def test_an_option_that_clips_tokenizer_lacks_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(TokenizerError, match=said):
        make_tokenizer({"tokenizer_kwargs": options}, None)


def test_a_text_is_cut_where_the_model_reads_no_more_of_it(tmp_path: Path) -> None:
    tokenizers = [
        make_tokenizer({"context_length": 77}, None),
        *(ours(kind, kind.save(tmp_path / name)) for name, kind in KINDS.items()),
    ]
    for tokenizer in tokenizers:
        assert not tokenizer.is_cut("a red car")
        assert tokenizer.is_cut("a red car at night " * 30)
        # What goes behind a text that just fits changes nothing any more.
        fitting = next(n for n in range(1, 100) if tokenizer.is_cut(" ".join(["sea"] * n)))
        assert not tokenizer.is_cut(" ".join(["sea"] * (fitting - 1)))


WITHOUT = """
import json, sys
from photoseek.tokenizing import find_tokenizer_files, make_tokenizer
config, folder = json.loads(sys.argv[1]), sys.argv[2]
made = make_tokenizer(config, find_tokenizer_files(config, f"local-dir:{folder}"))
clip = make_tokenizer({}, None)
assert not {"torch", "transformers"} & set(sys.modules)
print(json.dumps([made(["a red car"]).tolist(), clip(["a red car"]).tolist()]))
"""


def test_neither_torch_nor_transformers_is_needed(tmp_path: Path) -> None:
    kind = KINDS["SigLIP2"]
    kind.save(tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(kind.text_config), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [ours(kind, tmp_path)(["a red car"]), make_tokenizer({}, None)(["a red car"])]
    assert json.loads(told.stdout) == [tokens.tolist() for tokens in expected]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("tokenizer.json", None, "holds no tokenizer.json.*save_pretrained"),
        ("tokenizer.json", "{", "cannot be used"),
        ("tokenizer.json", '{"model": {"type": "Oracle"}}', "cannot be used"),
        ("tokenizer_config.json", "[]", "is no JSON object"),
        ("tokenizer_config.json", "nonsense", "tokenizer_config.json .* cannot be read"),
        ("tokenizer_config.json", '{"pad_token": "<gone>"}', "has no pad_token, '<gone>'"),
        ("tokenizer_config.json", '{"tokenizer_class": "NllbTokenizer"}', "no language 'eng_Latn'"),
    ],
)
def test_a_tokenizer_that_cannot_be_used_is_told(
    file: str, content: str | None, said: str, tmp_path: Path
) -> None:
    kind = KINDS["SigLIP"]
    kind.save(tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(content)
    with pytest.raises(TokenizerError, match=said):
        ours(kind, tmp_path)


def test_an_unknown_way_to_clean_texts_is_told(tmp_path: Path) -> None:
    kind = KINDS["SigLIP"]
    files = find_tokenizer_files(kind.text_config, f"local-dir:{kind.save(tmp_path)}")
    with pytest.raises(TokenizerError, match="'shiny'"):
        make_tokenizer(kind.text_config | {"tokenizer_kwargs": {"clean": "shiny"}}, files)
