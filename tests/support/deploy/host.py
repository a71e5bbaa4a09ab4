"""A folder that stands for the disk of a host, on which its scripts run for real."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.s3 import ENVIRONMENT

LIBRARY = "/usr/local/lib/photoseek"
NOTES = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
"""
DOCKER = """#!/bin/sh
# Keeps images as lines of a file. What is to be refused comes in REFUSED, a pattern; a program that
# says that it dies does not come up.
for last in "$@"; do :; done
case "$1" in
  ps) exit ;; # asked once a second
  *) echo "docker $*" >>"$CALLS" ;;
esac
case "$*" in $REFUSED) exit 1 ;; esac
touch "$IMAGES"
case "$1 $2" in
  "compose build") . ./.env && echo "$PHOTOSEEK_IMAGE" >>"$IMAGES" ;;
  "compose up") . ./.env && echo "$PHOTOSEEK_IMAGE" >"$RUNS" && ! grep -q "^dies" app.py ;;
  "image inspect") grep -qxF "$last" "$IMAGES" && echo "id of $last" ;;
  "image ls") grep "^$last:" "$IMAGES" | sed "s/.*://" ;;
  "image rm") grep -vxF "$last" "$IMAGES" >"$IMAGES.new"; mv "$IMAGES.new" "$IMAGES" ;;
  "pull --quiet" | tag*) echo "$last" >>"$IMAGES" ;;
esac
"""


@dataclass(frozen=True)
class Host:
    """Laid out as cloud-init would; AWS answers at a URL, and programs come from `tools`."""

    disk: Path
    url: str
    tools: Path

    @property
    def root(self) -> Path:
        return self.disk / "opt" / "photoseek"

    @property
    def current(self) -> Path:
        """The release that runs."""
        return self.root / "current"

    @property
    def settings(self) -> Path:
        return self.disk / "etc" / "photoseek"

    @property
    def calls(self) -> list[str]:
        """What the stand-ins were called with in the last run."""
        calls = self.disk / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    @property
    def images(self) -> set[str]:
        return set((self.disk / "images").read_text().split())

    @property
    def runs(self) -> str:
        """The image that was started last."""
        return (self.disk / "runs").read_text().strip()

    def place_tools(self, *, aws: str) -> None:
        """Stand-ins that note how they are called, and a script for the AWS command line."""
        self.tools.mkdir()
        scripts = {"aws": aws, "docker": DOCKER, "dnf": NOTES, "systemctl": NOTES}
        for name, script in scripts.items():
            (self.tools / name).write_text(script)
            (self.tools / name).chmod(0o755)

    def environment(self, **extra: str) -> dict[str, str]:
        return {
            **os.environ,
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_MAX_ATTEMPTS": "1",
            "CONFIGURATION_DIRECTORY": str(self.settings),
            "DEPLOY_ROOT": str(self.root),
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "CALLS": str(self.disk / "calls"),
            "IMAGES": str(self.disk / "images"),
            "RUNS": str(self.disk / "runs"),
            "REFUSED": "nothing",
            **extra,
        }

    def command(self, script: str, *arguments: str) -> list[str]:
        return [f"{self.disk}{LIBRARY}/{script}", *arguments]

    def run(self, script: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """As the unit does, with its configuration directory."""
        (self.disk / "calls").unlink(missing_ok=True)
        return subprocess.run(
            self.command(script, *arguments),
            cwd=self.disk,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
