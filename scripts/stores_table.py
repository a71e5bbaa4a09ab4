"""Writes the table of docs/stores.md that says what each store can do, by what a run of tests said.

    .venv/bin/python -m pytest --junitxml=stores.xml tests/contract/store tests/engines
    .venv/bin/python -m scripts.stores_table stores.xml

A test compares the rows and the columns with the tests that there are.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "stores.md"

COLUMNS = {
    "lance": "folder",
    "lance-on-s3": "S3",
    "memory": "memory",
    "elastic": "Elasticsearch 8.19",
    "opensearch": "OpenSearch 2.19",
    "milvus": "Milvus 2.3",
    "milvus-lite": "milvus-lite 3.2",
}
"""Headings by the names that tests give to the stores."""

CAPABILITIES = {
    "photos come out as they went in": (
        "an_empty_store_answers",
        "what_goes_in_comes_out",
        "a_photo_may_have_nothing_but_an_id",
        "the_caller_may_go_on_with_its_arrays",
        "hostile_text_stays_text",
        "content_hashes_are_hashes",
        "a_photo_may_come_with_its_text",
        "texts_of_other_bytes_and_of_unknown_photos_are_left_out",
        "all_else_stays_as_it_is",
    ),
    "replace, describe, delete": (
        "upsert_replaces_and_of_equal_ids_the_last_wins",
        "describe_changes_words_only",
        "delete",
        "thousands_of_ids_at_once",
    ),
    "thumbnails and originals": (
        "no_more_is_kept_than_was_asked_for",
        "what_is_kept_can_be_changed",
        "photos_of_equal_bytes_keep_what_each_was_asked_for",
        "photos_are_known_by_their_bytes",
        "many_copies_of_one_photo_do_not_hide_another",
        "a_photo_without_pixels_keeps_what_is_there",
    ),
    "search by a vector, scores are cosines": (
        "scores_are_cosine_similarities",
        "more_asked_for_than_there_is",
        "vectors_that_point_nowhere_are_refused",
        "very_long_and_very_short_queries",
        "numbers_out_of_range_are_refused",
        "numbers_that_no_engine_can_count_to_are_refused",
    ),
    "pages without gap or overlap": ("pages_join_without_gap_or_overlap_even_when_all_are_equal",),
    "pages beyond the 10,000th photo": ("pages_go_on_beyond_what_one_answer_holds",),
    "filters, as trees, before the search": (
        "filters_decide_before_the_search",
        "filters",
        "senseless_filters_are_refused",
        "filters_are_trees",
        "filters_that_are_too_much_are_refused",
        "a_folder_is_found_with_all_that_lies_below_it",
        "senseless_words",
    ),
    "filters by columns of a manifest": (
        "columns_of_a_manifest_are_fields_as_well",
        "a_name_that_no_photo_has_is_refused",
    ),
    "keywords, and so hybrid search": (
        "keywords_are_found_in_captions_and_tags",
        "keywords_of_equal_relevance_are_ordered_by_id",
        "words_of_further_fields_are_found_when_somebody_says_so",
        "words_of_hostile_fields_are_found",
        "words_of_files_and_folders_are_found",
        "keywords_are_found_where_words_have_no_spaces",
    ),
    "facets": (
        "facets_count_the_photos_of_a_set",
        "columns_of_a_manifest_with_few_values_are_counted",
        "facets_of_hostile_columns_are_bounded",
    ),
    "browse by date, samples": (
        "the_newest_come_first",
        "a_sample_comes_from_all_over_the_index",
        "a_photo_that_says_when_it_was_indexed_is_browsed_by_that",
        "photos_asked_for_by_id_say_since_when_they_are_there",
    ),
    "sorted by date and size, by pages that nothing moves": (
        "photos_come_in_any_order_that_is_asked_for",
        "a_list_goes_on_after_its_last_photo_whatever_is_added",
        "hits_say_since_when_they_are_there",
        "when_they_came_and_how_large_they_are_can_be_asked_for",
    ),
    "read all of it": (
        "an_empty_store_has_no_ids",
        "all_ids_are_given_once",
        "photos_come_out_as_they_went_in",
    ),
    "tell what was written since a moment": ("what_was_written_since_a_moment_is_told",),
    "suggested keywords": ("suggested_keywords_are_written_found_and_taken_out",),
    "a version of what it holds, for answers that are kept": (
        "a_version_is_that_of_one_state_of_one_index",
    ),
    "copy there and back": ("there_and_back",),
    "a Flow and one process answer alike": ("a_flow_and_a_process_answer_alike",),
    "another model in one step": ("a_switch_of_models_is_one_step",),
    "several writers": (
        "two_clients_see_one_another_by_id_at_once",
        "an_index_is_made_once_and_opened_by_all",
    ),
    "a run goes on after the server was away": (
        "an_engine_that_falls_silent_for_a_while",
        "a_run_waits_for_a_server_that_is_away_and_loses_nothing",
    ),
    "a node is lost in the middle of a run": ("a_node_dies_in_the_middle_of_a_run_and_comes_back",),
}
"""What people ask of a store, with the names of the tests that show it, without `test_`."""

_OF_ONE_STORE = {
    "a_run_waits_for_a_server_that_is_away_and_loses_nothing": "milvus-lite",
    "a_node_dies_in_the_middle_of_a_run_and_comes_back": "elastic",
}

_HEAD, _END = "<!-- what each can do -->\n", "<!-- end of what each can do -->"

Outcomes = Mapping[tuple[str, str], bool]
"""Whether all cases of a test passed, by its name and the store. Left out ones have no entry."""


def outcomes(*reports: Path) -> Outcomes:
    """What runs said in their JUnit reports."""
    passed: dict[tuple[str, str], bool] = defaultdict(lambda: True)
    trees = [ElementTree.parse(report) for report in reports]  # noqa: S314 -- our own
    for case in chain.from_iterable(tree.iter("testcase") for tree in trees):
        name, _, given = case.attrib["name"].partition("@")[0].partition("[")  # @ and its group
        name = name.removeprefix("test_")
        store = _OF_ONE_STORE.get(name) or _store_in(given)
        results = {child.tag for child in case}
        if store and "skipped" not in results:
            passed[name, store] &= not results & {"failure", "error"}
    return dict(passed)


def _store_in(parameters: str) -> str | None:
    """The store that a test's parameters name."""
    words = f"-{parameters.rstrip(']').replace('_', '-')}-"
    found = [store for store in COLUMNS if f"-{store}-" in words]
    return max(found, key=len, default=None)


def table(found: Outcomes) -> str:
    """A row for each capability, a column for each store."""
    return "".join(_rows(found))


def _rows(found: Outcomes) -> Iterator[str]:
    yield f"| what | {' | '.join(COLUMNS.values())} |\n"
    yield f"| --- |{' :---: |' * len(COLUMNS)}\n"
    for about, tests in CAPABILITIES.items():
        cells = (_cell(found, tests, store) for store in COLUMNS)
        yield f"| {about} | {' | '.join(cells)} |\n"


def _cell(found: Outcomes, tests: tuple[str, ...], store: str) -> str:
    passed = [found[test, store] for test in tests if (test, store) in found]
    return ("yes" if all(passed) else "**no**") if passed else " "


def table_of(page: str) -> str:
    """The table as it stands in the page."""
    [found] = re.findall(f"{re.escape(_HEAD)}\n(.*?)\n{re.escape(_END)}", page, re.DOTALL)
    return str(found)


def main(*reports: str) -> None:
    """Write the table of some runs into the page."""
    page = PAGE.read_text("utf-8")
    new = table(outcomes(*map(Path, reports)))
    PAGE.write_text(page.replace(table_of(page), new), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
