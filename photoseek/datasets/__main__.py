"""`python -m photoseek.datasets`: what scripts/get_data.sh needs besides `-t download`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from photoseek.datasets.archive import fetch_archive
from photoseek.datasets.drawings import draw
from photoseek.datasets.unsplash_lite import URL, write_list
from photoseek.download import MANIFEST
from photoseek.download.publishing import journal_folder
from photoseek.errors import PhotoseekError
from photoseek.files.filestore import open_files


def main() -> int:
    """Run one command. Returns 0, or 1 with a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m photoseek.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    lite = commands.add_parser("unsplash-lite", help="fetch and convert the Unsplash Lite data set")
    lite.add_argument("--archive", type=Path, required=True)
    lite.add_argument("--list", type=Path, required=True)
    lite.add_argument("--width", type=int, required=True)
    lite.add_argument("--to", required=True, help="where its photos are downloaded to")
    demo = commands.add_parser("demo", help="draw the demo library")
    demo.add_argument("--to", required=True)
    demo.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    try:
        if options.command == "demo":
            print(f"Drawn: {draw(options.to, options.count)}")
        else:
            _unsplash_lite(options)
    except PhotoseekError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What is here stays; the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


def _unsplash_lite(options: argparse.Namespace) -> None:
    url = os.environ.get("UNSPLASH_LITE_URL") or URL
    if fetch_archive(url, options.archive, on_progress=_Percents().show):
        print(f"The archive is at {options.archive}")
    manifest = journal_folder(open_files(options.to)) / MANIFEST
    count = write_list(options.archive, options.list, options.width, manifest)
    print(f"{count:,} photos are listed in {options.list}", flush=True)


class _Percents:
    """Says how far a download has come: seldom enough for a log."""

    def __init__(self) -> None:
        self._said = -1

    def show(self, here: int, total: int | None) -> None:
        """Print at every tenth part, or every 100 MB where the whole is not known."""
        step = 10 * here // total if total else here // 100_000_000
        if step > self._said:
            self._said = step
            of = f" of {total / 1e6:,.0f}" if total else ""
            print(f"Fetching the archive: {here / 1e6:,.0f}{of} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
