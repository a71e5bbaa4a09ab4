"""Fingerprints by the thousand: what is in and what is not."""

from __future__ import annotations

import pytest

from photoseek.helpers.fingerprints import Fingerprints

A, B, C = "a" * 32, "b" * 32, "0123456789abcdef" * 2
ZEROS = "0" * 32


def test_what_is_in_is_found_and_nothing_else() -> None:
    stored = Fingerprints([[A], [], [C, B]])
    assert len(stored) == 3
    near_b = "b" * 31 + "c", "c" + "b" * 31
    assert stored.among([B, C, A, "f" * 32, *near_b]) == [True, True, True, False, False, False]
    assert stored.among([]) == []


def test_a_photo_without_a_fingerprint_equals_no_other() -> None:
    assert Fingerprints([["", ZEROS, A]]).among(["", A, ""]) == [False, True, False]


def test_what_is_no_fingerprint_is_left_out() -> None:
    stored = Fingerprints([[A, "no fingerprint", A[:30] + "  ", A.upper(), "é" * 32], [B]])
    assert len(stored) == 2
    assert stored.among([A, B, C]) == [True, True, False]


def test_there_may_be_none() -> None:
    assert Fingerprints([]).among([A, ""]) == [False, False]
    assert Fingerprints([["", ""]]).among([A]) == [False]


@pytest.mark.parametrize("most", [1, 2, 4, 5])
def test_pages_have_all_of_them_once(most: int) -> None:
    everything = [A, B, C, A[:16] + C[:16], A[:31] + "b"]
    stored = Fingerprints([everything])
    pages = [stored.page(most=most)]
    while after := pages[-1].next_after:
        pages.append(stored.page(after, most))
    assert [len(page.data) // 16 for page in pages[:-1]] == [most] * (len(pages) - 1)
    whole = b"".join(page.data for page in pages)
    assert whole == b"".join(sorted(map(bytes.fromhex, everything)))
    assert Fingerprints(page.data for page in pages).page(most=9).data == whole


def test_a_page_follows_what_is_gone_by_then() -> None:
    stored = Fingerprints([[A, B]])
    assert stored.page(C).data == bytes.fromhex(A + B)
    assert stored.page(A[:31] + "b").data == bytes.fromhex(B)
    assert stored.page(B).data == b""
    assert Fingerprints([]).page(A).next_after == ""
