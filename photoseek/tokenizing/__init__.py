"""How texts become the numbers that a model reads, without torch and without `transformers`.

OpenCLIP's own tokenizer knows the vocabulary that most of its models share. The others read a
`tokenizer.json` of their repository, by the package `tokenizers`.
"""

from photoseek.tokenizing.lengths import needed_length
from photoseek.tokenizing.tokenizer import (
    Tokenizer,
    check_reads,
    find_tokenizer_files,
    make_tokenizer,
)
from photoseek.tokenizing.tokenizer_files import TokenizerFiles

__all__ = [
    "Tokenizer",
    "TokenizerFiles",
    "check_reads",
    "find_tokenizer_files",
    "make_tokenizer",
    "needed_length",
]
