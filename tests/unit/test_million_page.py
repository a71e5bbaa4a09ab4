"""docs/benchmarks holds what `python -m bench million` makes of the figures beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.million import main
from bench.million_page import write_page

FOLDER = Path(__file__).parents[2] / "docs" / "benchmarks"


def test_the_page_and_its_plots_are_those_of_the_figures(tmp_path: Path) -> None:
    write_page(json.loads((FOLDER / "million.json").read_text("utf-8")), tmp_path)
    made = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert "million.md" in made
    assert made == {name: (FOLDER / name).read_text("utf-8") for name in made}


def test_too_few_rows_are_told_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--rows", "60"])
    assert "--rows and --curves-at take 10,000 or more, and 60 are given" in " ".join(
        capsys.readouterr().err.split()
    )
