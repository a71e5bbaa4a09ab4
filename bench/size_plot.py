"""The plot of `bench.sizes`, out of what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.line_plots import Plot, svg


def write_plot(told: dict[str, Any], folder: Path) -> None:
    """Write sizes.svg and sizes.json.

    `told` has what is said `about` machine and date, sizes in `megapixels`, and by the name of each
    way `cpu_ms` of a photo for each size.
    """
    lines = {
        way: [(size, 1000 / each) for size, each in zip(told["megapixels"], taken, strict=True)]
        for way, taken in told["cpu_ms"].items()
    }
    plot = Plot(
        title="Indexing by the size of photos",
        about=told["about"],
        x_label="megapixels",
        y_label="photos/s of a core",
        lines=lines,
        is_log_x=True,
    )
    (folder / "sizes.svg").write_text(svg(plot), "utf-8")
    (folder / "sizes.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
