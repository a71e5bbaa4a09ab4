"""The fenced blocks of README.md and the guide: what people copy."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]

SAMPLE_ID = "4f1c09ab22d0e6b7"
"""The id that stands for one of the reader's own photos."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block, with the page and the line where it begins."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands, as tests are called."""
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """The command lines of a bash block, without comments."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := line.partition("  #")[0].strip())]


def blocks(path: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    text = path.read_text("utf-8")
    return [
        Block(path.stem, text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for found in _BLOCK.finditer(text)
    ]


ALL = [block for path in PAGES for block in blocks(path)]

NOT_RUN = {
    r"(pip|uv tool) install ": (
        "takes packages from an index; tests/deploy/test_package.py installs a wheel"
    ),
    r"(python3 -m venv|source) ": "makes and opens an environment, as the tests are in one",
    r"make \w+": "sets up what the tests run in; each target exists",
    r"photoseek serve": "goes on until Ctrl-C; the API's examples ask such a server",
    r"photoseek reindex ": ("takes a second model; tests/commands/test_reindex_command.py has one"),
    r"photoseek doctor": (
        "measures this machine; tests/commands/test_doctor_command.py runs it on an index"
    ),
    r"photoseek index --source .(unsplash|pexels):": (
        "needs a key; tests/unit/sources/stock/test_stock.py asks services of its own"
    ),
    r"echo .PHOTOSEEK_.* >> \.env": "changes what follows; it is run in a folder of its own",
    r"photoseek .*--index (elastic|opensearch)\+": (
        "needs a search engine; tests/engines/test_engine_stores.py has some"
    ),
    r"photoseek .*--index milvus://|python -c .from pymilvus": (
        "needs a Milvus server; tests/engines/test_milvus_server.py has some"
    ),
    r"photoseek (index .*--ocr|ocr)": (
        "needs the extra ocr; tests/unit/cli/test_ocr.py reads with it"
    ),
    r"photoseek .*--on ray": "needs a Ray cluster; tests/commands/test_cluster_run.py has one",
    r"photoseek (tune|index .*local-dir:models/ours)": (
        "trains for minutes; tests/unit/tuning/test_tuner.py does it in seconds"
    ),
    r"photoseek clicks": "needs clicks; tests/api/test_clicks_route.py makes some",
    r"sudo sysctl ": "changes the machine; tests/deploy/test_docker_stores.py needs it",
    r"docker (build|compose|run) ": "needs a Docker engine; what it names exists",
    r"(cd infra/terraform|terraform|aws|eval ...terraform) ": (
        "needs an account of AWS; tests/deploy/test_deploy.py has a server that answers as AWS does"
    ),
}
"""Command lines that are checked otherwise, and why they are not run."""


def is_run(block: Block) -> bool:
    """Whether all lines of a bash block are run. They are never run in part."""
    left_out = [any(re.match(each, line) for each in NOT_RUN) for line in block.commands]
    assert all(left_out) or not any(left_out), f"{block.name}: make two blocks of it"
    return not any(left_out)


def task_words(line: str) -> list[str]:
    """The words behind `photoseek` in a command line, up to a pipe."""
    words = shlex.split(line)[1:]
    return words[: words.index("|")] if "|" in words else words
