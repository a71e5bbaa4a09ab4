"""Where the secret comes from that the gateway and its parts share."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from photoseek.errors import SettingsError
from photoseek.helpers.path_rules import HERE
from photoseek.settings import PREFIX, PartsSettings

VARIABLE = f"{PREFIX}PARTS_SECRET"
FILE = f"{VARIABLE}_FILE"

_PUT = os.rename if HERE == "windows" else os.link
"""Either refuses to put a file where there is one."""


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_hex(32)


def parts_secret(settings: PartsSettings) -> str | None:
    """The secret that is set, else that of the file, else one that follows from the key.

    The last keeps parts that are started with the same settings apart from the other users of their
    machine, and tells nothing of the key. Without a key and without a secret it is None.

    Raises:
        SettingsError: where the file cannot be used.
    """
    if settings.parts_secret:
        return settings.parts_secret.get_secret_value()
    if settings.parts_secret_file:
        return _from_file(Path(settings.parts_secret_file))
    if settings.api_key:
        key = settings.api_key.get_secret_value().encode()
        # Slow on purpose, 50 ms: whoever gets hold of the secret could try weak keys with it.
        return hashlib.scrypt(key, salt=b"photoseek parts", n=2**14, r=8, p=1, dklen=32).hex()
    return None


def _from_file(path: Path) -> str:
    """What the file says. Whichever part comes first makes it, for its own user alone."""
    try:
        if not path.exists():
            _make(path)
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no ASCII text"
        raise SettingsError(f"{FILE} is {str(path)!r}, which cannot be used: {reason}.") from error
    if not re.fullmatch(r"[!-~]{16,500}", text):
        raise SettingsError(
            f"{FILE} is {str(path)!r}, which holds no secret of 16 to 500 printable characters. "
            "Remove the file while nothing runs, and a new one is made."
        )
    return text


def _make(path: Path) -> None:
    """Put a whole file in place at once: the other parts may look at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_secret() + "\n")
        with contextlib.suppress(FileExistsError):  # another part was first
            _PUT(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
