"""The notes on which architectures were run in their own size."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from scripts.model_runs import architectures, noted, with_runs

REPORT = """<testsuites><testsuite timestamp="2026-12-01T00:01:02+00:00">
<testcase name="test_it[ViT-B-32]" />
<testcase name="test_it[RN50]"><failure>no</failure></testcase>
<testcase name="test_it[RN101]"><skipped>no</skipped></testcase>
</testsuite></testsuites>"""


def test_the_notes_name_architectures_and_days() -> None:
    dates = noted()
    assert list(dates) == [name for name in architectures() if name in dates]
    assert all(date.fromisoformat(day) for day in dates.values())


def test_what_has_passed_is_noted_and_what_has_not_no_longer(tmp_path: Path) -> None:
    report = tmp_path / "runs.xml"
    report.write_text(REPORT)
    before = {"RN50": "2026-11-28", "RN101": "2026-11-28", "ViT-L-14": "2026-11-28"}
    assert with_runs(before, [report]) == {"ViT-L-14": "2026-11-28", "ViT-B-32": "2026-12-01"}
