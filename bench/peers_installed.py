"""Other programs that search photos by meaning, each in an environment of its own.

None of them is ever a dependency of photoseek: `pip` installs them into folders below one that is
named, and a later run finds them there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CLIP_RETRIEVAL = ("clip-retrieval==2.45.0", "open-clip-torch==2.32.0", "setuptools<81")
"""Its `clip-anytorch` imports `pkg_resources`, which later setuptools lack."""

RCLIP = ("rclip==4.0.8",)
RCLIP_PYTHONS = ("python3.13", "python3.12")
"""On an older Python pip takes an old rclip without a word."""

_SIZE = """
import sys
from importlib.metadata import PackageNotFoundError, distribution
from packaging.requirements import Requirement

without, waiting, seen, size = set(sys.argv[2:]), [(sys.argv[1], "")], set(), 0
while waiting:
    name, extra = waiting.pop()
    name = name.lower().replace("_", "-")
    if name in without or (name, extra) in seen:
        continue
    try:
        found = distribution(name)
    except PackageNotFoundError:
        continue
    if name not in {each for each, _ in seen}:
        paths = [file.locate() for file in found.files or ()]
        size += sum(path.stat().st_size for path in paths if path.is_file())
    seen.add((name, extra))
    for text in found.requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            waiting += [(needed.name, each) for each in ("", *needed.extras)]
print(size)
"""


def environment(folder: Path, name: str, python: str, packages: tuple[str, ...]) -> Path:
    """The Python of an environment that has these packages; it is made where there is none.

    Raises:
        subprocess.CalledProcessError: it cannot be made; what pip said stands in standard error.
    """
    place = folder / name
    inside = place / "bin" / "python"
    done = place / "packages.txt"
    wanted = "\n".join(packages)
    if done.is_file() and done.read_text("utf-8") == wanted:
        return inside
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(place)], check=True)
    subprocess.run([str(inside), "-m", "pip", "install", "-q", *packages], check=True)
    done.write_text(wanted, "utf-8")
    return inside


def python_for_rclip() -> str | None:
    """A Python on the path that runs, and is new enough for rclip 4."""
    for name in RCLIP_PYTHONS:
        found = shutil.which(name)
        if found and subprocess.run([found, "-V"], capture_output=True).returncode == 0:
            return found
    return None


def installed_mb(
    package: str, *, python: str = sys.executable, without: tuple[str, ...] = ()
) -> float:
    """Megabytes of a package and all that it needs, in the environment of a Python.

    What is needed by none but the packages that it is to be `without` is not counted.
    """
    command = [python, "-c", _SIZE, package, *without]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout) / 1e6
