"""Reads the Dockerfile, as far as tests ask about it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
