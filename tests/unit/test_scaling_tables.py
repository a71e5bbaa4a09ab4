"""docs/scaling.md holds the tables that `python -m bench.scaling` prints."""

from __future__ import annotations

from pathlib import Path

from bench import scaling

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_the_page_has_the_tables_as_they_are_made() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for table in (scaling.sizes_table(), scaling.units_table()):
        assert "\n".join(table) in page, "python -m bench.scaling prints other tables"


def test_what_costs_more_grows_with_the_library() -> None:
    for what in ("monthly", "disk", "vectors", "nodes"):
        values = [getattr(plan, what) for plan in scaling.PLANS]
        assert values == sorted(values), what
    ten = next(plan for plan in scaling.PLANS if plan.photos == 10_000_000)
    assert ten.nodes == 3
    assert ten.node is not None
    assert ten.vectors <= ten.nodes * ten.node.memory / 2
