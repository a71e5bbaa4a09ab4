"""Draws all pictures again, but for docs/architecture.svg: `python -m scripts.pictures`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from photoseek.demo.library import write_library
from photoseek.helpers.ports import free_ports
from scripts.pictures import demo_sheet, page, speed, terminal

PHOTOS = 600


def main() -> None:
    """Draw a library, index it on a terminal, serve it, and look at its page."""
    speed.main()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = write_library(folder / "photos", PHOTOS)
        pictures = folder / "Pictures"
        pictures.mkdir()
        for photo in sorted((folder / "photos").glob("*.jpg")):
            shutil.copy(photo, pictures)
        (pictures / "IMG_0417.jpg").write_bytes(next(pictures.iterdir()).read_bytes()[:9_000])
        terminal.draw(folder, "Pictures", speed.DOCS / "indexing.svg", speed.DOCS / "terminal.svg")
        with _served(manifest, folder / "library") as url:
            demo_sheet.draw(url, speed.DOCS / "demo.jpg")
            page.draw(url, speed.DOCS)


@contextmanager
def _served(manifest: Path, index: Path) -> Iterator[str]:
    """The address of a server of the library of a manifest."""
    http, grpc = map(str, free_ports(2))
    given = ["--index", str(index), "--model", "demo", "--http-port", http, "--grpc-port", grpc]
    photoseek = [sys.executable, "-m", "photoseek"]
    subprocess.run([*photoseek, "index", "--source", manifest, *given], check=True)
    server = subprocess.Popen([*photoseek, "serve", "--in-process", "--no-open", *given])
    url = f"http://localhost:{http}"
    try:
        while server.poll() is None and not _answers(f"{url}/readyz"):
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
