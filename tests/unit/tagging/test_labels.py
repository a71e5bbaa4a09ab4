"""Lists of labels, and where people have given them."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.errors import SourceError
from photoseek.records import Photo, StoredPhoto
from photoseek.tagging.described import Described
from photoseek.tagging.label_lines import TEMPLATES, Label, parse_labels, read_labels


def test_kinds_and_other_names() -> None:
    lines = [
        "# what there is",
        "animal > dog = puppy",
        "  Animal >  cat ",
        "car = automobile  # not a bus",
        "",
        "vehicle > car",
        "place > sea side > beach",
    ]
    found = parse_labels(lines, "list")
    assert found.labels == (
        Label("animal", ("animal", "Animal")),
        Label("dog", ("dog", "puppy"), ("animal",)),
        Label("cat", ("cat",), ("animal",)),
        Label("car", ("car", "automobile"), ("vehicle",)),
        Label("vehicle", ("vehicle",)),
        Label("place", ("place",)),
        Label("sea side", ("sea side",), ("place",)),
        Label("beach", ("beach",), ("place", "sea side")),
    )
    assert found.templates == TEMPLATES


def test_a_later_line_may_say_what_the_middle_is_a_kind_of() -> None:
    found = parse_labels(["dog > poodle", "animal > dog > poodle", "being > animal"], "list")
    ways = {label.name: label.path for label in found.labels}
    assert ways["poodle"] == ("being", "animal", "dog")
    assert ways["being"] == ()


def test_words_of_other_scripts() -> None:
    lines = ["नगर > क्\u200dष", "\u200fכלב\u200e", "\U0001f469\u200d\U0001f33e"]
    found = parse_labels(lines, "list")
    names = ["नगर", "क्\u200dष", "כלב", "\U0001f469\u200d\U0001f33e"]
    assert [label.name for label in found.labels] == names


def test_templates_of_ones_own() -> None:
    found = parse_labels(["ein Foto von {}", "Hund", "{}"], "list")
    assert found.templates == ("ein Foto von {}", "{}")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["automobile", "car = Automobile"], "In list automobile is another name of car, and a"),
        (["car = automobile", "car > automobile"], "automobile is another name of car"),
        (["# nothing"], "has no labels"),
        (["dog", "animal > "], "Line 2 of list is 'animal >'"),
        (["car = "], "Line 1 of list"),
        (["x" * 101], "1 to 100 characters"),
        (["a\x07b"], "Line 1"),
        (["fruit > orange", "colour > orange"], "orange is a kind of fruit already"),
        (["dog > Dog"], "Line 1 of list: Dog cannot be a kind of itself"),
        (["animal > dog", "dog > animal"], "Line 2 of list: animal cannot be a kind of itself"),
        (["a > b", "c > a", "b > c"], "is a kind of itself, by several lines"),
        ([str(n) for n in range(20_001)], "20,000 are the most"),
    ],
)
def test_lines_that_make_no_sense(lines: list[str], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        parse_labels(lines, "list")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        read_labels(tmp_path / "none.txt")
    path = tmp_path / "labels.txt"
    path.write_bytes("Straße".encode("latin-1"))
    with pytest.raises(SourceError, match="is not UTF-8 text"):
        read_labels(path)
    path.write_bytes(b"dog\n" * 1_000_001)
    with pytest.raises(SourceError, match="more than 4,000,000 bytes"):
        read_labels(path)
    path.write_text("\ufeffdog\n", "utf-8")
    assert read_labels(path).labels == (Label("dog", ("dog",)),)


def test_the_list_that_comes_with_photoseek() -> None:
    found = read_labels(None).labels
    assert len(found) > 600
    names = [name for label in found for name in label.names]
    assert len(set(map(str.casefold, names))) == len(names)
    by_name = {label.name: label for label in found}
    assert by_name["owl"].path == ("animal", "bird")


DESCRIBED = Described(
    parse_labels(["animal > dog = puppy", "hot air balloon", "glass", "balloon"], "list").labels
)


@pytest.mark.parametrize(
    ("caption", "tags", "found"),
    [
        ("Two DOGS at night", (), {"animal", "dog"}),
        ("", ("Puppy",), {"animal", "dog"}),
        ("Hot-air balloons over hills", (), {"hot air balloon", "balloon"}),
        ("hot summer, cold air", (), set()),
        ("glasses of a hotdog", (), set()),
        ("a glass", (), {"glass"}),
        ("", (), None),
    ],
)
def test_what_people_have_said(caption: str, tags: tuple[str, ...], found: set[str] | None) -> None:
    stored = StoredPhoto(Photo("a", "/a.jpg", caption=caption, tags=tags), "0" * 32, 1, 1)
    names = ("animal", "dog", "hot air balloon", "glass", "balloon")
    numbers = DESCRIBED.labels_of(stored)
    assert (None if numbers is None else {names[number] for number in numbers}) == found
