"""Prints the lanes of tests that nothing since the remote's main has touched.

`.ci/run` leaves them out: main has passed with the same files. All run where that cannot be told:
on main itself, without git, without a remote or the history since it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

MAIN = "refs/remotes/origin/main"

_ELSEWHERE = (
    r"CHANGELOG\.md|bench/|training/|docs/(?!deploy\.md|kubernetes\.md)|scripts/(?!unchanged\.py)|"
    r"tests/(api|commands|contract|engines|flow|page|unit)/"
)
# Rooms that only commands use: nothing else imports them.
_TASKS = "datasets|download|events"
_NOT_SERVED = (
    r"[^/]+\.md$|Dockerfile|compose\.yaml|(bench|docs|infra|training)/|scripts/(?!unchanged\.py)|"
    r"tests/(commands|deploy|engines|unit)/|tests/contract/store/|tests/support/deploy/"
)
UNREAD = {
    "deploy": re.compile(_ELSEWHERE),
    "engines": re.compile(
        r"[^/]+\.md$|Dockerfile|compose\.yaml|(bench|docs|infra|training|web)/|"
        r"scripts/(?!unchanged\.py)|tests/(api|commands|deploy|flow|page|unit)/|"
        r"tests/contract/(?!store/)|tests/support/deploy/|tests/servers/redis\.py|"
        r"photoseek/(?!catalogue|compat|description_limits|errors|files|helpers|identity|indexing|photo_index|records|settings|"
        r"store|__init__)"
    ),
    "flow": re.compile(rf"{_NOT_SERVED}|tests/page/|web/|photoseek/({_TASKS})/"),
    "infra": re.compile(
        rf"{_ELSEWHERE}|executors/|web/|"
        r"photoseek/(?!catalogue/|settings/|records/|events/worker\.py|errors\.py|__init__\.py)"
    ),
    "page": re.compile(
        rf"{_NOT_SERVED}|tests/(api|contract|flow)/|executors/|flows/|photoseek/({_TASKS}|cli|cluster|evaluation)/"
    ),
}
"""What the tests of a lane do not read. Whatever has no name here counts."""


def unchanged(project: Path) -> tuple[str, ...]:
    """The lanes that read nothing of what was changed; none when all have to run."""
    try:
        paths = _changed(project)
    except (OSError, subprocess.CalledProcessError):
        return ()
    if paths is None:
        return ()
    return tuple(lane for lane, unread in UNREAD.items() if all(map(unread.match, paths)))


def _changed(project: Path) -> list[str] | None:
    """The files that differ from those where the branch left main; None on main itself."""
    if _git(project, "rev-parse", "--is-shallow-repository") != ["false"]:
        return None
    base = _git(project, "merge-base", "HEAD", MAIN)
    here = _git(project, "rev-parse", "--abbrev-ref", "HEAD")
    if base == _git(project, "rev-parse", "HEAD") or here == ["main"]:
        return None
    committed_or_not = _git(project, "diff", "--name-only", "--no-renames", *base, "--")
    new = _git(project, "ls-files", "--others", "--exclude-standard")
    return [*committed_or_not, *new]


def _git(project: Path, *arguments: str) -> list[str]:
    """The lines that git answers, names with strange letters in quotes, which match nothing."""
    answer = subprocess.run(
        ["git", *arguments], cwd=project, capture_output=True, text=True, check=True
    )
    return answer.stdout.splitlines()


if __name__ == "__main__":
    if lanes := unchanged(Path(__file__).parents[1]):
        print(
            f"Nothing that these read has changed since main: {', '.join(lanes)}", file=sys.stderr
        )
        print(*lanes)
