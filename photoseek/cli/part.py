"""`-t gateway`, `-t encoder` and `-t indexer`: one part of the service in a process of its own."""

from __future__ import annotations

import argparse

from photoseek.cli.connection import with_model
from photoseek.errors import ModelMismatchError, StoreError
from photoseek.flow.one_part import run_part
from photoseek.helpers.extras import check_extra
from photoseek.settings import Settings
from photoseek.store import is_in_engine


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    check_extra("flow")
    if options.task == "encoder":
        settings = encoder_settings(settings)
    run_part(options.task, settings)
    return 0


def encoder_settings(settings: Settings) -> Settings:
    """Settings with the model of the index, or with the one that they name where the index is in an
    engine, which an encoder may have no key for: the indexer compares it with that of the index.

    Raises:
        ModelMismatchError, StoreError: as `with_model` does.
    """
    if not is_in_engine(settings.index):
        return with_model(settings, new_index=True)
    if settings.model:
        return settings
    try:
        return with_model(settings, new_index=True)
    except ModelMismatchError:
        raise
    except StoreError as error:
        raise StoreError(
            f"{error} Or set PHOTOSEEK_MODEL, and the encoder need not ask which model it is."
        ) from error
