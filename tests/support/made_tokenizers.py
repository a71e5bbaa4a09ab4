"""Small tokenizers, each put together as the real one of its kind, and saved as that one is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from tests.support.languages import corpus

SIZE = 1_500


@dataclass(frozen=True)
class Kind:
    """A tokenizer and what OpenCLIP's configurations say of its use."""

    make: Callable[[], Tokenizer]
    config: dict[str, Any]
    length: int = 77
    options: dict[str, Any] = field(default_factory=dict)
    model_type: str = ""
    special: dict[str, str] = field(default_factory=dict)
    mode: str = ""

    def save(self, folder: Path) -> Path:
        """Write it as a repository on the hub holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.make().save(str(folder / "tokenizer.json"))
        (folder / "tokenizer_config.json").write_text(json.dumps(self.config))
        if self.special:
            (folder / "special_tokens_map.json").write_text(json.dumps(self.special))
        if self.model_type:
            (folder / "config.json").write_text(json.dumps({"model_type": self.model_type}))
        return folder

    @property
    def text_config(self) -> dict[str, Any]:
        """`text_cfg` of a model that uses it."""
        return {
            "hf_tokenizer_name": "organisation/name",
            "context_length": self.length,
            "tokenizer_kwargs": self.options,
            "tokenizer_mode": self.mode or None,
        }


def t5(first: tuple[str, ...] = ("<pad>", "</s>", "<unk>"), size: int = SIZE) -> Tokenizer:
    """Unigram, as SentencePiece's models become; `</s>` behind each text."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=[*first], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    end = tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", end)]
    )
    return tokenizer


def xlm_roberta() -> Tokenizer:
    """The same between `<s>` and `</s>`."""
    tokenizer = t5(("<s>", "<pad>", "</s>", "<unk>"))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ids
    )
    return tokenizer


def gemma(template: str = "<bos> $A") -> Tokenizer:
    """BPE over whole texts, in which what is unknown becomes bytes."""
    bare = Tokenizer(models.BPE(unk_token="<unk>"))
    bare.normalizer = normalizers.Replace(" ", "▁")
    bare.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, limit_alphabet=120, show_progress=False
    )
    bare.train_from_iterator(corpus(), trainer)
    learnt = json.loads(bare.to_str())["model"]
    vocabulary = dict(learnt["vocab"])
    for number in range(256):
        vocabulary[f"<0x{number:02X}>"] = len(vocabulary)
    tokenizer = Tokenizer(
        models.BPE(
            vocabulary,
            [tuple(pair) for pair in learnt["merges"]],
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.normalizer, tokenizer.pre_tokenizer = bare.normalizer, bare.pre_tokenizer
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template, pair=f"{template} $B", special_tokens=[("<bos>", 2), ("<eos>", 1)]
    )
    return tokenizer


def bert() -> Tokenizer:
    """WordPiece of BERT without case, between `[CLS]` and `[SEP]`."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(
        vocab_size=SIZE, special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(each, tokenizer.token_to_id(each)) for each in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def roberta() -> Tokenizer:
    """BPE over bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return tokenizer


def nllb() -> Tokenizer:
    """BPE with a token for each language, of which the file names none."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens(["eng_Latn", "deu_Latn", "zho_Hans", "<mask>"])
    return tokenizer


def normalised() -> Tokenizer:
    """One of no known kind, with steps of its own."""
    tokenizer = t5(("[PAD]", "</s>", "<unk>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    return tokenizer


_LANGUAGES = ["eng_Latn", "deu_Latn", "zho_Hans"]
_NLLB = {"tokenizer_class": "NllbTokenizer", "additional_special_tokens": _LANGUAGES}
_BERT = {"do_lower_case": True, "model_max_length": 512}
_T5 = {"tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "unk_token": "<unk>"}
_CANONICAL = {"clean": "canonicalize"}

KINDS: dict[str, Kind] = {
    "SigLIP": Kind(t5, {**_T5, "pad_token": "</s>", "extra_ids": 0}, length=64, options=_CANONICAL),
    "SigLIP-i18n": Kind(
        lambda: t5(size=2_000),
        {**_T5, "pad_token": {"content": "<pad>", "__type": "AddedToken"}, "extra_ids": 0},
        length=16,
        options=_CANONICAL,
    ),
    "SigLIP2": Kind(
        lambda: gemma("$A <eos>"),
        {
            "tokenizer_class": "GemmaTokenizer",
            "add_bos_token": False,
            "add_eos_token": True,
            "padding_side": "right",
            "pad_token": "<pad>",
            "eos_token": "<eos>",
            "bos_token": "<bos>",
        },
        length=64,
        options=_CANONICAL,
    ),
    "gemma as it comes": Kind(gemma, {"tokenizer_class": "GemmaTokenizer", "pad_token": "<pad>"}),
    "CLIPA": Kind(bert, _BERT, length=32, options={"strip_sep_token": True}, model_type="bert"),
    "CLIPS": Kind(
        bert,
        _BERT,
        length=40,
        model_type="bert",
        mode="clips",
        special={"bos_token": "[CLS]", "eos_token": "[SEP]", "cls_token": "[CLS]"},
    ),
    "lower case": Kind(
        roberta, {"model_max_length": 512}, options={"clean": "lower"}, model_type="roberta"
    ),
    "RoBERTa": Kind(roberta, {"model_max_length": 512}, model_type="roberta"),
    "XLM-R": Kind(xlm_roberta, {"model_max_length": 512}, model_type="xlm-roberta"),
    "MetaCLIP 2": Kind(xlm_roberta, {"tokenizer_class": "XLMRobertaTokenizer"}),
    "mT5": Kind(t5, _T5, length=50),
    "NLLB": Kind(nllb, _NLLB),
    "NLLB in German": Kind(nllb, _NLLB, options={"language": "deu_Latn"}),
    "NLLB as it was": Kind(nllb, {**_NLLB, "legacy_behaviour": True, "src_lang": "zho_Hans"}),
    "of no kind": Kind(
        normalised,
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": "[PAD]",
            "padding_side": "left",
            "truncation_side": "left",
        },
        length=20,
    ),
}
