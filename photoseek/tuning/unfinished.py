"""What an interrupted tuning left in the folder of its model, which no other tuning replaces."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from photoseek.errors import SettingsError, StorageError
from photoseek.tuning.outcome import CHECKPOINT
from photoseek.tuning.plan import Plan


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """What an interrupted training left; None where there is nothing, or nothing of ours.

    Raises:
        StorageError: there is something, and it cannot be read now.
    """
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{path}, from which a tuning that was stopped can go on, cannot be read: "
            f"{error.strerror or error}. Mend that and run the same command again."
        ) from error
    except (RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError):
        return None
    return state if isinstance(state, dict) and "key" in state else None


def check_unfinished(folder: Path, fingerprint: str, plan: Plan) -> None:
    """Look, before photos are read, whether another tuning waits in a folder to go on.

    `fingerprint` is that of the model to begin with.

    Raises:
        SettingsError: one does, of another model or with other options.
        StorageError: that cannot be read.
    """
    state = read_checkpoint(folder / CHECKPOINT)
    if state is not None and (told := _options_that_differ(state, fingerprint, plan)):
        raise other_tuning(folder, state, told)


def other_tuning(folder: Path, state: Mapping[str, Any], told: str = "") -> SettingsError:
    """What is said where a tuning that can go on is another one; `told` is what differs."""
    epoch = state["at"][0] if "at" in state else 0
    where = f" in round {epoch + 1:,}" if "at" in state else ""
    told = told or "It has other photos or captions, or its model reads texts otherwise"
    go_on = state.get("command") or "run the command that began it"
    return SettingsError(
        f"A tuning in {folder} was stopped{where} and can go on, and it is another one than this "
        f"command asks for. {told}. It is left as it is. Go on with it: {go_on}. Or name another "
        f"folder by --to. To give it up, remove {folder / CHECKPOINT}."
    )


def _options_that_differ(state: Mapping[str, Any], fingerprint: str, plan: Plan) -> str:
    """The beginning of the key of a training is its model, and its plan stands there too."""
    key = str(state["key"])
    if not key.startswith(f"({fingerprint!r}, "):
        return "It began with another --model, or with other weights of it"
    if repr(plan) not in key:
        return (
            f"This one has --seed {plan.seed} --epochs {plan.epochs} --batch {plan.batch} "
            f"--rate {plan.rate:g}, and that one others"
        )
    return ""
