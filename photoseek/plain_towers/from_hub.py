"""Plain models from the model hub, without torch."""

from __future__ import annotations

import json
from contextlib import suppress

from photoseek.compat.model_hub import hub_file
from photoseek.compat.openclip_parts import config_of, published
from photoseek.errors import ModelError, TokenizerError, UnknownModelError
from photoseek.plain_towers.model_card import CARD
from photoseek.plain_towers.model_files import ALTERNATIVES, CONFIG, WEIGHTS, find_model, source_of
from photoseek.plain_towers.plain_kinds import text_plan
from photoseek.tokenizing import find_tokenizer_files


def check_repository(repository: str, shown: str) -> None:
    """Look whether a name can be one on the hub, before that is asked; `shown` is the whole name.

    Raises:
        UnknownModelError: it cannot.
    """
    organisation, _, name = repository.partition("/")
    if not organisation or not name or "/" in name:
        raise UnknownModelError(
            f"{shown!r} names no model on the hub. Write --model hf-hub:ORGANISATION/NAME."
        )


def fetch_plain(name: str) -> bool:
    """Fetch what is not here of a model whose texts need no torch, as OpenCLIP would.

    Returns whether its weights are here then. Its tokenizer comes first, a hundredth of their size.

    Raises:
        UnknownModelError: it can be no name on the hub.
        ModelError: the hub has it, and it cannot be had.
    """
    scheme, _, rest = source_of(name).partition(":")
    try:
        if scheme == "hf-hub":
            check_repository(rest, name)
            repository, file, quick_gelu = rest, WEIGHTS, False
            is_first = find_model(name) is None
            path = hub_file(repository, CONFIG)
            if is_first and path:
                with suppress(OSError, ValueError):  # some kilobytes, once, for a hint alone
                    hub_file(repository, CARD)
            config = json.loads(path.read_text(encoding="utf-8"))["model_cfg"] if path else None
        else:
            config, known = config_of(scheme), published(scheme, rest)
            repository, _, file = str(known.get("hf_hub", "")).rpartition("/")
            file, quick_gelu = file or WEIGHTS, bool(known.get("quick_gelu", False))
        if not repository or config is None or not file.endswith(".safetensors"):
            return False
        if text_plan(config, quick_gelu=quick_gelu) is None:
            return False
        find_tokenizer_files(config["text_cfg"], name)
        return hub_file(repository, file) is not None
    except TokenizerError as error:
        raise TokenizerError(f"The model {name!r} cannot read texts: {error}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"The weights of the model {name!r} cannot be had: {reason} {ALTERNATIVES}"
        ) from error
