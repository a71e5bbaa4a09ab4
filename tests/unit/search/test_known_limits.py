"""What an index has learnt of confidence is noted beside it, and found again."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.search.known_limits import KnownLimits, note_limits
from photoseek.search.limits import USUAL, Limits
from tests.support.stored_photos import MODEL

LEARNT = Limits(0.25, 2.5)


def test_each_model_has_its_own(tmp_path: Path) -> None:
    index, other = str(tmp_path / "index"), replace(MODEL, fingerprint="0" * 16)
    assert KnownLimits(index).of(MODEL) == USUAL
    assert not (tmp_path / "index").exists(), "who searches makes nothing"
    note_limits(index, MODEL, LEARNT)
    known = KnownLimits(index)
    assert [known.of(model) for model in (MODEL, other, MODEL)] == [LEARNT, USUAL, LEARNT]
    note_limits(index, other, Limits(0, 3))
    assert [known.of(model) for model in (other, MODEL)] == [Limits(0, 3), LEARNT]
    note_limits(index, MODEL, USUAL)
    assert KnownLimits(index).of(MODEL) == USUAL


def test_an_engine_has_them_in_the_folder_of_notes(tmp_path: Path) -> None:
    index, state = "elasticsearch:http://localhost:1/photos", str(tmp_path / "state")
    assert KnownLimits(index, state).of(MODEL) == USUAL
    assert not Path(state).exists()
    note_limits(index, MODEL, LEARNT, state)
    assert KnownLimits(index, state).of(MODEL) == LEARNT


@pytest.mark.parametrize(
    "written",
    [
        *("{half", "[]", "null", '{"low": 0.5}', '{"low": "much", "high": 1}'),
        *('{"low": 2, "high": 1}', '{"low": NaN, "high": 1}', '{"low": 0, "high": 1e999}'),
        '{"low": -1, "high": 1}',
    ],
)
def test_nonsense_leaves_the_usual_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: str
) -> None:
    note_limits(str(tmp_path), MODEL, LEARNT)
    [note] = (tmp_path / "limits").iterdir()
    note.write_text(written)
    with caplog.at_level(logging.WARNING):
        assert KnownLimits(str(tmp_path)).of(MODEL) == USUAL
    assert "Confidence goes by the usual limits" in caplog.text


def test_texts_that_are_read_otherwise_have_the_usual_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index, read = str(tmp_path / "index"), replace(MODEL, tokenizer="1a2b3c4d")
    note_limits(index, read, LEARNT)
    known = KnownLimits(index)
    assert [known.of(model) for model in (read, MODEL)] == [LEARNT, LEARNT]
    assert not caplog.messages
    assert known.of(replace(MODEL, tokenizer="4d3c2b1a")) == USUAL
    assert "another tokenizer. Learn them again: " in caplog.text
    assert "evaluate --calibrate" in caplog.text


def test_limits_that_an_older_photoseek_noted_hold_for_any_tokenizer(tmp_path: Path) -> None:
    note_limits(str(tmp_path), MODEL, LEARNT)
    [note] = (tmp_path / "limits").iterdir()
    assert "tokenizer" not in note.read_text()
    assert KnownLimits(str(tmp_path)).of(replace(MODEL, tokenizer="1a2b3c4d")) == LEARNT
