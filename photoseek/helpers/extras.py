"""The packages that an installation may leave out, and what needs them."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Literal

from photoseek.errors import MissingPackageError
from photoseek.helpers.installation import installing

Extra = Literal["s3", "flow", "milvus", "ocr", "ray", "redis", "heic", "raw"]

_PACKAGES: dict[Extra, str] = {
    "s3": "boto3",
    "flow": "jina",
    "milvus": "pymilvus",
    "ocr": "rapidocr",
    "redis": "redis",
    "ray": "ray",
    "heic": "pillow_heif",
    "raw": "rawpy",
}
_NEEDED_FOR: dict[Extra, str] = {
    "s3": "Photos and indexes in S3 need",
    "flow": "The Flow and gRPC need",
    "milvus": "Indexes in Milvus need",
    "ocr": "Reading the text in pictures needs",
    "redis": "Gateways that share in Redis need",
    "ray": "Runs on a Ray cluster need",
    "heic": "HEIC pictures need",
    "raw": "Raw pictures of cameras need",
}


def has_extra(extra: Extra) -> bool:
    """Whether the packages of an extra are installed; nothing is imported."""
    package = _PACKAGES[extra]
    return sys.modules.get(package) is not None or find_spec(package) is not None


def check_extra(extra: Extra) -> None:
    """Refuse to go on where the packages of an extra are not installed.

    Raises:
        MissingPackageError: they are not.
    """
    if not has_extra(extra):
        raise MissingPackageError(without(extra))


def without(extra: Extra, *, for_anybody: bool = False) -> str:
    """A sentence on what is missing, and the command that mends it.

    `for_anybody` leaves the paths of this machine out of it: for whoever sends a photo.
    """
    command = plain_command(extra) if for_anybody else installing(extra)
    return (
        f"{_NEEDED_FOR[extra]} the package {_PACKAGES[extra]}, which is not installed here. "
        f"Install it with: {command}"
    )


def plain_command(extra: Extra) -> str:
    """The command that mends it, without a path of this machine: for whoever sends a photo."""
    return f"pip install 'photoseek[{extra}]'"
