"""Words as they are compared: without case and accents, and where no spaces are, in pairs.

Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without spaces, and Korean joins
endings to its words. A run of such letters is found by any two that stand beside one another, which
needs no dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese
    "\uac00-\ud7a3"  # Korean
)
_SIGNS = "\u0964\u0965\u0df4\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u17d4-\u17dc\u30fb\u30a0"
# Vowels of these scripts are marks, which \w leaves out.
_WORD = re.compile(f"(?:(?![{_SIGNS}])(?:[^\\W_]|[\u0900-\u0dff\u0f00-\u0fff{_NO_SPACES}]))+")
_RUN = re.compile(f"[{_NO_SPACES}]+")
_SILENT = re.compile("[\u0e47\u0e4c\u0e4e\u0ecc]")  # marks that an index takes for spaces
_VOWELS = frozenset("\u0e38\u0e39\u0eb8\u0eb9\u3099\u309a")
"""Marks that make another letter of one, though Unicode has them among accents."""

_APOSTROPHE = "\u02bc"
"""The one that is a letter to Unicode, so that no index splits there."""
_LETTERS = re.compile(r"[^\W_]+")
_SHORTENED = re.compile(r"[^\W_]+['\u2019][^\W_]+")
_LONGEST_RUN = 32


def words_in(text: str) -> list[str]:
    """The words that a text is found by, in their order, without case and accents."""
    return [form for word in _words(text) for form in _forms(word, is_asked=False)]


def asked_words(text: str) -> list[str]:
    """The words that are looked for where somebody writes a text."""
    return [form for word in _words(text) for form in _forms(word, is_asked=True)]


def with_forms(text: str, *, is_asked: bool = False) -> str:
    """A text with more of what it is found by after it, for an index that splits texts itself.

    That is what `words_in` gives of runs without spaces; and don't in one piece, of whose halves an
    index that leaves the commonest words out leaves nothing.
    """
    forms = [_APOSTROPHE.join(_LETTERS.findall(word)) for word in _SHORTENED.findall(text)]
    if not text.isascii():
        runs = (run for word in _words(text) for run in _RUN.findall(word))
        forms += [form for run in runs for form in _of_run(run, is_asked)]
    return f"{text}\n{' '.join(forms)}" if forms else text


def _words(text: str) -> list[str]:
    return _WORD.findall(_bare(text))


def _bare(text: str) -> str:
    """Without case and accents, and each letter of Korea and Japan in one piece."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (c for c in decomposed if not unicodedata.combining(c) or c in _VOWELS)
    return _SILENT.sub("", unicodedata.normalize("NFC", "".join(kept)))


def _forms(word: str, *, is_asked: bool) -> Iterator[str]:
    if word.isascii():
        yield word
        return
    at = 0
    for run in _RUN.finditer(word):
        if at < run.start():
            yield word[at : run.start()]
        yield from _of_run(run[0], is_asked)
        at = run.end()
    if at < len(word):
        yield word[at:]


def _of_run(run: str, is_asked: bool) -> Iterator[str]:
    """A run as a whole, and each two letters of it; who asks for one letter means that one."""
    if len(run) <= _LONGEST_RUN:
        yield run
    if len(run) > 2:
        yield from (run[start : start + 2] for start in range(len(run) - 1))
    if not is_asked and len(run) > 1:
        yield from filter(str.isalpha, run)
