"""Puts the page into what is built: as `web/dist` has it, or made now where there is a Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "photoseek/gateway/web"


class PageHook(BuildHookInterface[Any]):
    """Adds the page to a wheel and to an sdist. Without it the API works, and `/` says so."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of the page, and see to it that they are there."""
        root = Path(self.root)
        if version == "editable":  # the page of the checkout is used, once it is built
            return
        if (root / PLACE / "index.html").is_file():  # an sdist has it already
            return
        page = root / "web" / "dist"
        if not (page / "index.html").is_file():
            self._make(root / "web")
        if (page / "index.html").is_file():
            build_data["force_include"][str(page)] = PLACE

    def _make(self, web: Path) -> None:
        npm = shutil.which("npm")
        if npm is None or not (web / "package.json").is_file():
            self.app.display_warning("The page is left out: it needs Node 20.19 or later.")
            return
        try:
            for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
                subprocess.run([npm, *command], cwd=web, check=True)
        except subprocess.CalledProcessError as error:
            self.app.display_warning(f"The page is left out, since it cannot be built: {error}")
