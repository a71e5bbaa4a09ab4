"""Where this photoseek was installed from, and the commands that install more of it."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from importlib.util import find_spec
from pathlib import Path

from photoseek.helpers.shell_words import quoted

CHECKOUT = Path(__file__).parents[2]
"""The folder of the project, where photoseek was not installed from a package."""


def is_checkout() -> bool:
    """Whether photoseek runs from a folder of its source."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "app.py").is_file()


def pip(arguments: str) -> str:
    """A command that installs into the Python that runs now."""
    python = quoted(sys.executable)
    if find_spec("pip"):
        return f"{python} -m pip install {arguments}"
    return f"uv pip install --python {python} {arguments}"


def installing(extra: str = "") -> str:
    """A command that installs photoseek again, or with an extra, from where it came.

    Where PyTorch is left out, it installs the extra's packages alone, and so no PyTorch.
    """
    if extra and not find_spec("torch") and (packages := _packages_of(extra)):
        return pip(" ".join(map(quoted, packages)))
    named = f"[{extra}]" if extra else ""
    if is_checkout():
        return pip(f"--editable {quoted(f'{CHECKOUT}{named}')}")
    origin = _origin()
    wanted = f"photoseek{named}{origin and f' @ {origin}'}"
    return pip(quoted(wanted) + ("" if extra else " --force-reinstall --no-deps"))


def _packages_of(extra: str) -> list[str]:
    """What an extra asks for, such as "onnxruntime>=1.20"; nothing where photoseek is not known."""
    try:
        wanted = [needed.partition(";") for needed in requires("photoseek") or ()]
    except PackageNotFoundError:
        return []
    of_extra = re.compile(rf"""extra == ['"]{extra}['"]""")
    return sorted(name.strip() for name, _, condition in wanted if of_extra.search(condition))


def _origin() -> str:
    """The folder, file or repository that it was installed from, as pip takes it; "" if unknown."""
    try:
        noted = json.loads(distribution("photoseek").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return ""
    url, repository = str(noted.get("url", "")), noted.get("vcs_info", {})
    return f"{repository['vcs']}+{url}" if repository else url
