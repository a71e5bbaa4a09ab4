"""Where the files of a tokenizer lie, or are fetched from."""

from __future__ import annotations

import filecmp
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoseek.compat.model_hub import hub_file
from photoseek.errors import TokenizerError

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
SPECIAL = "special_tokens_map.json"

_WHAT_HELPS = (
    "photoseek reads tokenizer.json, which transformers writes for every tokenizer "
    "(tokenizer.save_pretrained), and takes its special tokens from tokenizer_config.json."
)


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """A `tokenizer.json`, and what the files beside it say of its special tokens and its padding;
    `place` is what messages call it.

    Where `content` is given, it is used in place of what the file holds.
    """

    path: Path
    config: dict[str, Any]
    place: str
    content: str | None = None

    def is_same(self, other: TokenizerFiles) -> bool:
        """Whether both have the same bytes and say the same.

        Raises:
            OSError: one cannot be read.
        """
        is_like = self.config == other.config
        return is_like and filecmp.cmp(self.path, other.path, shallow=False)

    def changed_at(self) -> float:
        """When any of its files was written last, in seconds of the epoch; 0 where none can be
        seen.
        """
        files = [self.path, *(self.path.parent / name for name in (CONFIG, SPECIAL))]
        return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


def from_folder(folder: Path) -> TokenizerFiles:
    """The tokenizer in a folder.

    Raises:
        TokenizerError: there is none, or what describes it is damaged.
    """
    path = folder / TOKENIZER
    if not path.is_file():
        raise TokenizerError(f"The folder {folder} holds no {TOKENIZER}. {_WHAT_HELPS}")
    return _files(path, [folder / CONFIG, folder / SPECIAL], str(folder))


def from_hub(repository: str) -> TokenizerFiles:
    """The tokenizer of a repository on the model hub, fetched unless it is here.

    Raises:
        TokenizerError: it cannot be had.
    """
    try:
        path = hub_file(repository, TOKENIZER)
        beside = [hub_file(repository, CONFIG)]
        if "pad_token" not in _said(beside, repository):
            beside.append(hub_file(repository, SPECIAL))
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TokenizerError(
            f"Its tokenizer in {repository} cannot be had: {reason} To go without the model hub, "
            "use --model local-dir:FOLDER with the model's files and its tokenizer.json."
        ) from error
    if path is None:
        raise TokenizerError(f"The repository {repository} holds no {TOKENIZER}. {_WHAT_HELPS}")
    return _files(path, beside, repository)


def _files(path: Path, beside: list[Path | None], place: str) -> TokenizerFiles:
    return TokenizerFiles(path, _said(beside, place), place)


def _said(beside: list[Path | None], place: str) -> dict[str, Any]:
    """What files say, the first of them first."""
    config: dict[str, Any] = {}
    for file in beside:
        if file is None or not file.is_file():
            continue
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TokenizerError(f"{file.name} in {place} cannot be read: {error}") from error
        if not isinstance(said, dict):
            raise TokenizerError(f"{file.name} in {place} is no JSON object.")
        config = said | config
    return config
