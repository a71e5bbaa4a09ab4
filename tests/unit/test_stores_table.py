"""The table of what each store can do names the tests that there are, and says what they said."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path

from scripts.stores_table import CAPABILITIES, COLUMNS, PAGE, ROOT, outcomes, table, table_of
from tests.contract.store.conftest import STORES

NAMED = list(chain.from_iterable(CAPABILITIES.values()))
CONTRACT = ROOT / "tests" / "contract" / "store"
ENGINES = ROOT / "tests" / "engines"


def arguments_in(folder: Path) -> dict[str, set[str]]:
    """The names of the tests of a folder, each with those of its arguments."""
    return {
        node.name.removeprefix("test_"): {argument.arg for argument in node.args.args}
        for path in folder.glob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_promise_of_a_store_is_in_one_row() -> None:
    promises = {name for name, needs in arguments_in(CONTRACT).items() if "store" in needs}
    assert len(NAMED) == len(set(NAMED))
    assert promises <= set(NAMED), (
        "each belongs to a row of CAPABILITIES in scripts/stores_table.py"
    )
    assert set(NAMED) <= promises | set(arguments_in(ENGINES)), "a row names a test that is gone"
    assert list(COLUMNS) == ["lance", "lance-on-s3", *(s for s in STORES if "lance" not in s)]


def test_the_page_has_the_rows_and_columns_that_there_are() -> None:
    shown = [cells(line) for line in table_of(PAGE.read_text("utf-8")).splitlines()]
    meant = [cells(line) for line in table({}).splitlines()]
    assert [row[0] for row in shown] == [row[0] for row in meant], (
        "run what scripts/stores_table.py says"
    )
    assert shown[0] == meant[0]
    assert {len(row) for row in shown} == {1 + len(COLUMNS)}
    assert "**no**" not in chain.from_iterable(shown)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_what_a_run_said_is_what_the_table_says(tmp_path: Path) -> None:
    report = tmp_path / "stores.xml"
    report.write_text(REPORT)
    found = outcomes(report)
    assert found == {
        ("delete", "milvus-lite"): True,
        ("delete", "milvus"): False,
        ("describe_changes_words_only", "milvus"): True,
        ("very_long_and_very_short_queries", "lance-on-s3"): False,
        ("a_node_dies_in_the_middle_of_a_run_and_comes_back", "elastic"): True,
    }
    rows = {row[0]: row[1:] for row in map(cells, table(found).splitlines())}
    assert rows["replace, describe, delete"] == ["", "", "", "", "", "**no**", "yes"]
    assert rows["search by a vector, scores are cosines"] == ["", "**no**", "", "", "", "", ""]
    assert rows["a node is lost in the middle of a run"] == ["", "", "", "yes", "", "", ""]
    assert set(rows["facets"]) == {""}


REPORT = """<testsuites><testsuite>
<testcase name="test_delete[milvus-lite]"/>
<testcase name="test_delete[milvus]"><failure message="no"/></testcase>
<testcase name="test_describe_changes_words_only[milvus]@milvus"/>
<testcase name="test_describe_changes_words_only[elastic]"><skipped message="no server"/></testcase>
<testcase name="test_very_long_and_very_short_queries[lance-on-s3-1e-30]"/>
<testcase name="test_very_long_and_very_short_queries[lance-on-s3-1e+30]"><error/></testcase>
<testcase name="test_a_node_dies_in_the_middle_of_a_run_and_comes_back"/>
<testcase name="test_of_something_else"/>
</testsuite></testsuites>"""
