"""`photoseek keywords` on an index in a folder, within this process; no photo of it is anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photoseek.cli.main import main
from photoseek.model import load_model
from photoseek.records import EncodedPhoto, Photo
from photoseek.store import filters_of, open_store
from tests.support.other_models import other_model
from tests.support.stored_photos import hash_of

WORDS = ("car", "sailing boat", "dog", "lighthouse")


@pytest.fixture
def index(tmp_path: Path) -> str:
    """Forty photos that lie where the words for them do, each a little elsewhere."""
    model = load_model("demo", towers=["text"])
    meanings = model.encode_texts(WORDS)
    random = np.random.default_rng(5)
    place = str(tmp_path / "index")
    photos = []
    for number in range(40):
        noise = random.standard_normal(model.identity.dimensions) / 12
        vector = (meanings[number % 4] + noise).astype(np.float32)
        photo = Photo(f"p{number:02}", f"{tmp_path}/{number}.jpg", "1")
        photos.append(EncodedPhoto(photo, hash_of(number), 90, 60, vector, b""))
    open_store(place, model.identity).upsert(photos)
    return place


def test_keywords_go_into_the_index_and_out_again(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("animal > dog\ncar = automobile\nspaghetti\n")
    asked = ["keywords", "--index", index, "--labels", str(labels)]
    assert main([*asked, "--write", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["photos"], told["labels"], told["by_spread"]) == (40, 4, 4)
    assert told["changed"] >= 12
    store = open_store(index)
    assert store.get(["p00", "p02"])["p00"].traits.suggested == ("car",)
    assert store.get(["p02"])["p02"].traits.suggested[:2] == ("dog", "animal")
    counts = dict(store.facets().counts["suggested"])
    assert (counts["car"], counts["dog"]) == (10, counts["animal"])
    assert store.count(filters_of("suggested = Animal")) == counts["animal"] >= 9
    assert main(["search", "--index", index, "--filter", "suggested = car", "--json"]) == 0
    hits = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {hit["id"] for hit in hits} == {f"p{number:02}" for number in range(0, 40, 4)}
    assert main([*asked, "--clear"]) == 0
    assert "Suggestions of" in capsys.readouterr().out
    assert store.facets().counts.get("suggested") is None


def test_a_table_goes_to_standard_output(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("sailing boat\n{}\n")
    asked = ["keywords", "--index", index, "--labels", str(labels), "--filter", "id = p01"]
    assert main(asked) == 0
    printed = capsys.readouterr()
    header, row = printed.out.splitlines()
    assert header == "id,uri,suggested,scores"
    assert "boat" in row
    assert "1 of 1 photo has keywords" in printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "tags.xlsx"], "'tags.xlsx' is no place for keywords"),
        (["--right", "1"], "'1' is not a number between 0 and 1"),
        (["--write", "--to", "xmp"], "choose one of --to, --write and --clear"),
        (["--json"], "--json needs another place"),
        (["--gateway", "http://a:1"], "--gateway belongs to"),
    ],
)
def test_options_that_make_no_sense(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        main(["keywords", *arguments])
    assert said in " ".join(capsys.readouterr().err.split())


def test_without_an_index_there_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keywords", "--index", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_labels_are_asked_of_the_model_of_the_index_alone(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    model = other_model(other)
    labels = tmp_path / "labels.txt"
    labels.write_text("weathervane\n")
    asked = ["keywords", "--index", index, "--labels", str(labels), "--to", str(tmp_path / "a.csv")]
    assert main([*asked, "--model", model]) == 1
    assert "was made with the model 'demo'" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "a.csv").exists()
    assert main(asked) == 0  # nothing of the other model was kept for it


def test_several_labels_in_one_line_are_pointed_out(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels.txt"
    asked = ["keywords", "--index", index, "--labels", str(labels)]
    labels.write_text("dog, cat; bird\nspaghetti\n")
    assert main(asked) == 0
    assert "One label has a comma or a semicolon, such as 'dog, cat; bird'" in (
        " ".join(capsys.readouterr().err.split())
    )
    labels.write_text("dog\na photo of {name}\n")
    assert main(asked) == 1
    assert "A template has {} in the place of the label" in (
        " ".join(capsys.readouterr().err.split())
    )


def test_where_no_sidecar_can_be_written_it_failed(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("car\ndog\n")
    asked = ["keywords", "--index", index, "--labels", str(labels), "--to", "xmp"]
    assert main([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["skipped"]) == told["with_keywords"] > 0
    (tmp_path / "0.jpg").touch()
    assert main(asked) == 0
