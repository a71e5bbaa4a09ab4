"""Texts are cleaned as OpenCLIP cleans them."""

from __future__ import annotations

import string

import pytest
from open_clip.tokenizer import get_clean_fn

from photoseek.tokenizing.cleaning import cleaning
from tests.support.languages import texts

TEXTS = [
    *texts(),
    *(string.printable, "  a\tb\r\nc\x00\x1bd ", "&amp;lt;b&gt; & &#39;x", "_a_ _", ""),
    *(f"a{character}b {character}" for character in map(chr, range(0x250))),
]


@pytest.mark.parametrize("kind", ["lower", "whitespace", "canonicalize"])
def test_a_text_is_cleaned_as_by_openclip(kind: str) -> None:
    ours, theirs = cleaning(kind), get_clean_fn(kind)
    assert [ours(text) for text in TEXTS] == [theirs(text) for text in TEXTS]
