"""Indexing, fidelity and downloading in short: `make bench`, some minutes on two cores.

`python -m bench million` and `python -m bench peers` write pages of docs/benchmarks, and each
other measurement is a command of its own: `python -m bench.NAME`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Measure and print Markdown."""
    if sys.argv[1:2] == ["million"]:
        from bench import million  # without torch, whose memory would be measured too

        return million.main(sys.argv[2:])
    if sys.argv[1:2] == ["peers"]:
        from bench import peers

        return peers.main(sys.argv[2:])
    import torch

    from bench import download, fidelity, indexing
    from bench.material import save_vit_b_32
    from photoseek.model import load_model

    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of real photos for the fidelity row")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = save_vit_b_32(folder / "model")
        precision = load_model(model).precision
        print(f"{os.cpu_count()} cores, torch {torch.__version__}, precision {precision}\n")
        rows, memory = indexing.measure(folder, model)
        print("| photos | reference, photos/s | photoseek, photos/s | ratio |")
        print("| --- | ---: | ---: | ---: |", *rows, sep="\n")
        sizes = ", ".join(f"{size:.0f}" for size in memory.values())
        print(f"\nResident memory while indexing, MB by process: {sizes}")
        if options.photos:
            print(fidelity.measure(options.photos, model))
    print("\nDownloading photos of some 100 KB from a local server that answers 20 ms late:\n")
    print(*download.HEADER, *download.measure(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
