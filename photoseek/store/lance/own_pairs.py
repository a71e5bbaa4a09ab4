"""The columns of users' own manifests, counted where they stand: in the records, which are JSON.

No quote within a text of JSON stands there as it is. So the text between two marks is the
metadata; and once escaped quotes are written otherwise, what is between quotes and commas is a
name and a value, however hostile both are.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from photoseek.store.own_columns import MOST_VALUES, OwnColumns

if TYPE_CHECKING:
    import pyarrow as pa

METADATA_OF_RECORD = "split_part(split_part(record, '\"metadata\":{', 2), '},\"content_hash\":', 1)"
"""The members of a photo's metadata as JSON, in the SQL of DataFusion: "project":"spring",..."""

_BACKSLASH, _QUOTE = r"replace({}, '\\', '\u005c')", r"""replace({}, '\"', '\u0022')"""
PAIRS = f"""string_to_array({_QUOTE.format(_BACKSLASH.format(METADATA_OF_RECORD))}, '","')"""
"""Those members in a list, such as project":"spring; at its ends the quotes are left."""

_FEW = 4 * (MOST_VALUES + 1)
"""Pairs in which there are too many values; one value may be in four, by quotes at their ends."""


def count_pairs(own: OwnColumns, lists: pa.Array) -> None:
    """Count what `PAIRS` gives for some photos.

    Arrow does it, but for the few values that a facet can have.
    """
    import pyarrow.compute as pc

    counted = pc.list_flatten(lists).value_counts()
    pairs = pc.split_pattern(counted.field("values"), '":"', max_splits=1)
    is_pair = pc.equal(pc.list_value_length(pairs), 2)  # a photo without metadata has an empty text
    pairs, counts = pairs.filter(is_pair), counted.field("counts").filter(is_pair)
    names = pc.utf8_ltrim(pc.list_element(pairs, 0), '"')
    values = pc.utf8_rtrim(pc.list_element(pairs, 1), '"')
    order = pc.array_sort_indices(names)
    order = order.filter(pc.not_equal(values, "").take(order))
    values, counts = values.take(order), counts.take(order)
    names = pc.run_end_encode(names.take(order))
    start = 0
    for escaped, end in zip(names.values.to_pylist(), names.run_ends.to_pylist(), strict=True):
        name = _text(escaped)
        if own.takes(name):
            photos = pc.sum(counts.slice(start, end - start)).as_py()
            few = min(end - start, _FEW)
            texts = map(_text, values.slice(start, few).to_pylist())
            numbers: Counter[str] = Counter()
            for text, number in zip(texts, counts.slice(start, few).to_pylist(), strict=True):
                numbers[text] += number
            own.add(name, photos, numbers)
        start = end


def _text(escaped: str) -> str:
    return str(json.loads(f'"{escaped}"')) if "\\" in escaped else escaped
