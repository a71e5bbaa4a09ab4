"""Which photos answer which texts, and which of two runs is better."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.errors import SourceError, StorageError
from photoseek.evaluation.copies import Looks, groups_of
from photoseek.evaluation.gathering import Candidate, Gathered, common, stored_photos
from photoseek.evaluation.judgements import Judgement, read_judgements
from photoseek.evaluation.saved import read_saved, save
from photoseek.evaluation.trial import Evaluation, Trial
from photoseek.evaluation.verdict import compared
from photoseek.records import ModelIdentity
from photoseek.store import MemoryStore
from tests.support.stored_photos import MODEL, encoded, hash_of, vector_of

MODELS = {name: ModelIdentity(name, name, 16) for name in ("sharp", "blurred")}


def photo(number: int, caption: str = "", **looks: str) -> Candidate:
    found = Looks(looks.get("bytes", hash_of(number)), looks.get("phash", ""), 1.5)
    return Candidate(f"p{number}", f"/photos/{number}.jpg", caption or f"photo {number}", found)


def by_number(texts: Sequence[str]) -> NDArray[np.float32]:
    """What finds the photo whose number a text ends with."""
    return np.stack([vector_of(int(text.split()[-1])) for text in texts])


def vectors(numbers: Sequence[int]) -> NDArray[np.float32]:
    return np.stack([vector_of(number) for number in numbers])


def test_copies_are_told_by_bytes_and_by_looks() -> None:
    shown = "00000000ffffffff"
    photos = [
        Looks("a", "", 1.5),
        Looks("b", shown, 1.5),
        Looks("a", "", 1.5),
        Looks("c", "00000000fffffffc", 1.5),  # two bits
        Looks("d", "00000000fffffff8", 1.5),  # three bits, and one from the last
        Looks("e", shown, 0.7),  # upright
        Looks("f", "8000000000000000", 1.5),
        Looks("g", shown, 1.5),
    ]
    assert groups_of(photos).tolist() == [0, 1, 0, 1, 1, 2, 3, 1]
    assert groups_of([]).tolist() == []


def test_equal_captions_and_copies_are_no_errors() -> None:
    photos = [photo(1), photo(1, "photo 1", bytes=hash_of(1)), photo(2), photo(3, "photo 2")]
    trial = Trial(photos)
    found = trial.run(vectors([1, 1, 2, 3]), by_number, MODELS["sharp"])
    assert (found.photos, found.pictures, len(trial.texts)) == (4, 3, 2)
    assert found.text_to_image.ranks.tolist() == [1, 1]
    # The third picture has the caption of the second, which is right for it.
    assert found.image_to_text.recall(10) == 1.0
    assert not found.graded


def test_a_copy_with_another_caption_answers_both() -> None:
    photos = [photo(1, "photo 1"), photo(1, "photo 9", bytes=hash_of(1)), photo(2)]
    found = Trial(photos).run(vectors([1, 1, 2]), by_number, MODELS["sharp"])
    assert len(found.text_to_image.keys) == 3
    assert found.text_to_image.ranks[0] == 1
    assert found.image_to_text.ranks.tolist() == [1, 1]


def test_grades_count(tmp_path: Path) -> None:
    photos = [photo(number) for number in range(1, 5)]
    judged = [
        Judgement("like 1", "p1", 1),
        Judgement("like 1", "2.jpg", 3),
        Judgement("like 1", "nowhere.jpg", 3),
        Judgement("like 3", str(tmp_path / "3.jpg"), 0),
    ]
    photos = [
        Candidate(one.id, str(tmp_path / f"{one.id[1]}.jpg"), "", one.looks) for one in photos
    ]
    trial = Trial(photos, judged, beside=tmp_path)
    found = trial.run(vectors([1, 2, 3, 4]), by_number, MODELS["sharp"])
    assert (trial.texts, found.graded) == (["like 1"], True)
    assert found.text_to_image.ndcg_at(1) == pytest.approx(1 / 3)
    assert trial.remarks == [
        "1 photo of the judgements is not among these, such as nowhere.jpg; their rows do not "
        "count.",
        "1 query has no photo that fits; it does not count.",
    ]
    with pytest.raises(SourceError, match="No query of the 1 judgements has a photo that fits"):
        Trial(photos, judged[2:3], beside=tmp_path)


def test_grades_that_contradict_each_other_are_told() -> None:
    judged = [Judgement("like 1", "p1", grade) for grade in (1, 3, 0)]
    judged += [Judgement("like 1", "p2", 2), Judgement("like 2", "p2", 1)]
    trial = Trial([photo(number) for number in range(1, 5)], judged)
    assert trial.remarks == [
        "1 photo has several grades for one query, such as p1; the largest counts."
    ]
    found = trial.run(vectors([1, 2, 3, 4]), by_number, MODELS["sharp"])
    assert found.text_to_image.ndcg_at(1) == 1


def test_too_few_photos_are_told() -> None:
    with pytest.raises(SourceError, match="Only 1 photo with a caption could be used"):
        Trial([photo(1)])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_judgements_are_read_as_spreadsheets_write_them(tmp_path: Path, separator: str) -> None:
    rows = (
        ("Query", "photo", "grade"),
        *(("red car", "p1", "2"), ("red car", "p2", "")),
        ("path", "url", "1"),  # words that name columns of a manifest
    )
    path = tmp_path / "queries.csv"
    path.write_text("\n".join(separator.join(row) for row in rows), "utf-8-sig")
    assert read_judgements(path) == [
        *(Judgement("red car", "p1", 2), Judgement("red car", "p2", 1)),
        Judgement("path", "url", 1),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text,photo\na,b\n", "has the columns text, photo"),
        ("query,photo\n", "has no rows"),
        ("query,photo\n,b\n", "Line 2 .* lacks its query"),
        ("query,photo,grade\na,b,nan\n", "Line 2 .* has the grade 'nan'"),
        ("query,photo,grade\na,b,-1\n", "a grade is a number from 0"),
        ("query,photo\na,b,c,d\n", "Line 2 .*row has 4 fields"),
        ("", "is empty"),
    ],
)
def test_judgements_that_make_no_sense(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=said):
        read_judgements(path)


def run_of(noise: float, count: int = 200) -> Evaluation:
    """A run of a model that sees each photo through so much noise."""
    photos = [photo(number) for number in range(count)]
    seen = vectors(range(count)) + noise * vectors(range(1_000, 1_000 + count))
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    name = "blurred" if noise else "sharp"
    return Trial(photos).run(seen, by_number, MODELS[name])


def test_a_clear_difference_is_told() -> None:
    sharp, blurred = run_of(0), run_of(2)
    verdicts = compared(blurred, sharp)
    assert [verdict.deciding.outcome for verdict in verdicts] == ["worse", "worse"]
    sentence = verdicts[0].sentence("blurred", "sharp")
    assert sentence.startswith("text to image: R@1 is 0.")
    assert sentence.endswith("200 queries): sharp is better.")
    assert compared(sharp, blurred)[0].deciding.outcome == "better"
    low = verdicts[0].deciding.interval
    assert low.low < verdicts[0].deciding.ours - verdicts[0].deciding.theirs < low.high < 0


def test_equal_runs_differ_by_chance() -> None:
    for verdict in compared(run_of(1.2), run_of(1.2)):
        assert {one.outcome for one in verdict.differences} == {"chance"}
        assert verdict.sentence("a", "b").endswith("the difference is within chance.")


def test_other_photos_are_not_compared() -> None:
    with pytest.raises(SourceError, match=r"looked at 200 pictures .* at 199 with"):
        compared(run_of(0), run_of(0, 199))


def test_a_saved_run_is_as_good(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    blurred = run_of(1)
    save(blurred, path)
    again = read_saved(path)
    assert again.model == "blurred"
    assert compared(again, run_of(0)) == compared(blurred, run_of(0))
    with pytest.raises(StorageError, match="cannot be written"):
        save(blurred, tmp_path / "no" / "run.json")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"text_to_image": {"keys": ["a"], "ranks": [0], "ndcg": [[1, 1, 1]]}},
        {"text_to_image": {"keys": ["a", "b"], "ranks": [1], "ndcg": [[1, 1, 1]]}},
        {"text_to_image": {"keys": ["a"], "ranks": [1], "ndcg": [[1, 1, 7]]}},
        {"text_to_image": {"keys": [1], "ranks": [1], "ndcg": [[1, 1, 1]]}},
        {"text_to_image": []},
        {"photos": None},
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "run.json"
    save(run_of(0, 3), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SourceError, match="is no saved evaluation"):
        read_saved(path)


def test_an_index_gives_its_vectors_and_captions() -> None:
    store = MemoryStore(MODEL)
    captions = {0: "a", 1: "", 2: "c"}
    store.upsert([encoded(number, caption=caption) for number, caption in captions.items()])
    found = stored_photos(store, captioned=True)
    assert ([one.caption for one in found.photos], found.uncaptioned) == (["a", "c"], 1)
    assert np.allclose(found.vectors, vectors([0, 2]))
    assert len(stored_photos(store, captioned=False).photos) == 3
    assert len(stored_photos(store, captioned=False, limit=2).photos) == 2


def test_two_indexes_are_compared_on_what_both_have() -> None:
    first = Gathered([photo(1), photo(2), photo(2, "again", bytes=hash_of(2))], vectors([1, 2, 2]))
    second = Gathered([photo(3), photo(2), photo(1)], vectors([13, 12, 11]))
    ours, theirs = common(first, second)
    assert [one.caption for one in ours.photos] == ["photo 1", "photo 2"]
    assert np.array_equal(theirs.vectors, vectors([11, 12]))


def test_in_which_order_photos_come_changes_no_figure() -> None:
    photos = [photo(number, f"caption {number // 3}") for number in range(40)]
    photos += [photo(number, f"a copy of {number}", bytes=hash_of(number)) for number in range(9)]
    turned = photos[17:] + photos[:17]
    told = []
    for some in (photos, turned):
        # Half of them are the same to the model, so that lots decide.
        numbers = [int(one.id[1:]) // 2 for one in some]
        told.append(Trial(some).run(vectors(numbers), by_number, MODELS["blurred"]))
    for one, other in zip(told[0].directions.values(), told[1].directions.values(), strict=True):
        assert one.keys == other.keys  # and with them the draws of the intervals
        assert one.ranks.tolist() == other.ranks.tolist()
        assert one.ndcg.tolist() == other.ndcg.tolist()
