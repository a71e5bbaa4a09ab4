"""Where the servers of the tests lie on this machine, and the Java that runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path


def _servers() -> Path:
    # As root, Elasticsearch runs as another user, who cannot look into the home of root.
    of_root = Path("/var/cache")
    if os.name == "posix" and os.geteuid() == 0 and of_root.is_dir():
        return of_root / "photoseek-test-servers"
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "photoseek-test-servers"


SERVERS = _servers()
"""The folder in which `tests/servers/install.py` puts them."""


def installed_at(variable: str, command: str) -> Path | None:
    """The folder of a server: what a variable names, else ours, else that of a command."""
    if folder := os.environ.get(variable):
        return Path(folder)
    if (SERVERS / command / "complete").exists():
        return SERVERS / command
    found = shutil.which(command)
    return Path(found).resolve().parents[1] if found else None


@cache
def java_home() -> Path | None:
    """The newest JDK of 17 or later that is here: the newer, the faster vectors are compared."""
    found = shutil.which("java")
    places = [Path(found).resolve().parents[1]] if found else []
    places += map(Path, filter(None, [os.environ.get("JAVA_HOME")]))
    places += Path("/usr/lib/jvm").glob("*")
    versions = {
        java_version(place): place for place in places if (place / "bin" / "javac").exists()
    }
    newest = max(versions, default=0)
    return versions[newest] if newest >= 17 else None


@cache
def java_version(home: Path) -> int:
    """The first number of it, such as 17; 0 when it does not say one."""
    said = subprocess.run(
        [str(home / "bin" / "java"), "--version"], capture_output=True, text=True, check=False
    )
    number = re.match(r"\S+ (\d+)", said.stdout)
    return int(number[1]) if number else 0
