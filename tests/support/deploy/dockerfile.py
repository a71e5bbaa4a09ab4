"""Reads the Dockerfile as far as tests ask about it, and takes its install step."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """One instruction, such as RUN, and the rest of its lines as one."""

    keyword: str
    text: str

    def words(self) -> list[str]:
        """The JSON form of CMD and the like."""
        words: list[str] = json.loads(self.text)
        return words

    def pairs(self) -> dict[str, str]:
        """The names and values of ENV, LABEL or ARG."""
        return dict(word.partition("=")[::2] for word in shlex.split(self.text))


def stages() -> dict[str, list[Instruction]]:
    """The instructions of each stage, by its name; those before the first under ""."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    found: dict[str, list[Instruction]] = {"": []}
    for line in filter(None, map(str.strip, lines)):
        instruction = Instruction(*line.split(maxsplit=1))
        if instruction.keyword == "FROM":
            found[instruction.text.split()[-1]] = []
        list(found.values())[-1].append(instruction)
    return found


def the(keyword: str, stage: str = "photoseek") -> Instruction:
    """The one instruction of that kind in a stage."""
    [found] = [each for each in stages()[stage] if each.keyword == keyword]
    return found


def install_packages(folder: Path) -> Path:
    """The Python of a new environment, made as the image's is, with PyPI's build of PyTorch."""
    copied = next(i for i in stages()["packages"] if i.keyword == "COPY")
    for name in copied.text.split()[:-1]:
        shutil.copy(ROOT / name, folder)
    venv = folder / "venv"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["sh", "-eu", "-c", the("RUN", "packages").text.replace("/opt/venv", str(venv))],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "TORCH": "pypi", "TORCH_INDEX": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return venv / "bin" / "python"
