"""Pages and pictures of benchmarks are made out of the figures beside them."""

from __future__ import annotations

import json
from pathlib import Path

from bench.peers_page import Measured, Round, write_page
from bench.processes import Cost
from bench.size_plot import write_plot

FOLDER = Path(__file__).parents[2] / "docs" / "benchmarks"


def rounds(*seconds: float) -> list[Round]:
    return [
        Round(Cost(each, 1), Cost(3 * each, 3), None, Cost(0.5, 0.4), Cost(1.5, 0.9), 600 * each)
        for each in seconds
    ]


def test_the_page_of_peers_has_medians_and_says_who_is_left_out(tmp_path: Path) -> None:
    other = Round(Cost(9, 8), Cost(8, 12), Cost(27, 26), None, Cost(30, 20), 3417.4)
    measured = Measured(
        "A quiet machine.",
        108,
        {"photoseek": rounds(1, 2, 9), "other 1": [other] * 3},
        {"photoseek": "6,000; without PyTorch 506", "other 1": "5,596"},
        ["other 2 is left out, as it cannot be had here: no Python."],
    )
    text = write_page(measured, tmp_path)
    assert text == (tmp_path / "peers.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table == [
        "| what | photoseek | other 1 |",
        "| --- | ---: | ---: |",
        "| photos/s beyond the first 8 | 25.0 | not told |",
        "| CPU ms of such a photo | 20.0 | 40.0 |",
        "| 108 photos, a new index, s | 6.0 (3.0) | 8.0 (12.0) |",
        "| 8 photos, a new index, s | 2.0 (1.0) | 9.0 (8.0) |",
        "| more, until it can be asked, s | - | 27.0 (26.0) |",
        "| nothing new, s | 0.5 (0.4) | - |",
        "| a query's first answer, s | 1.5 (0.9) | 30.0 (20.0) |",
        "| memory while indexing, MB | 1,200 | 3,417 |",
        "| installed, MB | 6,000; without PyTorch 506 | 5,596 |",
    ]
    assert text.endswith("\nother 2 is left out, as it cannot be had here: no Python.\n")
    assert "Medians of 3 rounds. A quiet machine." in text


def test_the_plot_by_size_is_that_of_its_figures(tmp_path: Path) -> None:
    told = json.loads((FOLDER / "sizes.json").read_text("utf-8"))
    write_plot(told, tmp_path)
    for name in ("sizes.svg", "sizes.json"):
        assert (tmp_path / name).read_text("utf-8") == (FOLDER / name).read_text("utf-8")
