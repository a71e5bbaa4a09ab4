"""Notes which architectures were run in their own size, by what runs of their test said.

    .venv/bin/python -m pytest -m slow --junitxml=runs.xml tests/contract/test_every_architecture.py
    .venv/bin/python -m scripts.model_runs runs.xml
    .venv/bin/python -m scripts.guide_tables

An architecture that has failed is no longer noted. A test compares the guide with the notes.
"""

from __future__ import annotations

import csv
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path

from photoseek.compat.openclip_parts import published_pairs

ROOT = Path(__file__).parents[1]
NOTES = ROOT / "tests" / "contract" / "architectures_run.csv"
_HEAD = ("architecture", "date")


def architectures() -> list[str]:
    """Those that weights are published for; QuickGELU is the same one with another activation."""
    names = dict.fromkeys(architecture for architecture, _ in published_pairs())
    return [name for name in names if not name.endswith("-quickgelu")]


def noted() -> dict[str, str]:
    """On which date each was run and passed, such as "2026-11-28"."""
    with NOTES.open(newline="", encoding="utf-8") as file:
        return {row["architecture"]: row["date"] for row in csv.DictReader(file)}


def counted() -> str:
    """What the guide says of them."""
    every, dates = architectures(), noted()
    run = [name for name in every if name in dates]
    left = ", ".join(f"`{name}`" for name in every if name not in dates)
    first, last = min(dates.values()), max(dates.values())
    when = f"on {last}" if first == last else f"between {first} and {last}"
    rest = f" Not run yet: {left}." if left else ""
    many = f"{len(run)} of the {len(every)}" if left else f"All {len(every)}"
    return f"{many} architectures were run so, {when}, and passed.{rest}"


def with_runs(dates: Mapping[str, str], reports: list[Path]) -> dict[str, str]:
    """The dates, with what these reports of pytest say."""
    told = dict(dates)
    for report in reports:
        for name, date, has_passed in _cases(report):
            told.pop(name, None)
            if has_passed:
                told[name] = date
    return told


def _cases(report: Path) -> Iterator[tuple[str, str, bool]]:
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 -- pytest wrote it
        for case in suite.iter("testcase"):
            yield (
                case.attrib["name"].partition("[")[2].rstrip("]"),
                suite.attrib["timestamp"][:10],
                not any(case.find(each) is not None for each in ("failure", "error", "skipped")),
            )


def _write(dates: Mapping[str, str]) -> None:
    with NOTES.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_HEAD)
        rows.writerows((name, dates[name]) for name in architectures() if name in dates)


if __name__ == "__main__":
    _write(with_runs(noted(), [Path(name) for name in sys.argv[1:]]))
