"""Sets of 64-bit keys: one key at a time and many at once are the same set."""

from __future__ import annotations

import numpy as np
import pytest

from photoseek.helpers import idset
from photoseek.helpers.idset import Seen, key_of, keys_of

TEXTS = [f"photo {number}" for number in range(300)]
EDGES = np.array([0, 1, 2**63, 2**64 - 1], np.uint64)


@pytest.mark.parametrize("merged", [1, 7, 1000])
def test_many_at_once_are_found_as_one_by_one(merged: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idset, "MERGED", merged)
    seen = Seen(keys_of(TEXTS[:50]))
    seen.update(keys_of(TEXTS[40:150]))
    for text in TEXTS[140:200]:
        seen.add(key_of(text))
    assert len(seen) == 200
    assert [key_of(text) in seen for text in TEXTS] == [True] * 200 + [False] * 100
    assert seen.having(keys_of(TEXTS)).tolist() == [True] * 200 + [False] * 100


def test_an_empty_set_and_keys_at_both_ends() -> None:
    seen = Seen()
    assert not seen.having(EDGES).any()
    assert not len(seen.having(EDGES[:0]))
    seen.update(EDGES[1:3])
    assert seen.having(EDGES).tolist() == [False, True, True, False]
    assert Seen(EDGES).having(EDGES).all()
