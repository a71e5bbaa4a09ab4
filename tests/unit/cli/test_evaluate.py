"""`photoseek evaluate` on an index, within this process: no photo of it is anywhere."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from photoseek.cli.evaluation_report import SHOWN
from photoseek.cli.main import main
from photoseek.engine import PhotoSearch
from photoseek.evaluation.measured_runs import run_of_index, run_of_photos
from photoseek.model import ClipModel, load_model
from photoseek.plain_towers.model_files import text_config_of
from photoseek.records import EncodedPhoto, Photo
from photoseek.search.known_limits import note_limits
from photoseek.search.limits import Limits
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.store.switching import reindexing_engine
from tests.support.other_models import other_model
from tests.support.pictures import drawing, saved
from tests.support.stored_photos import hash_of
from tests.support.terminal import photoseek

_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
CAPTIONS = ("a red car", "a blue boat", "a dog", "a tree", "a lighthouse at night", "a cat")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two indexes with the demo's model of photos that are gone: in the first each lies where its
    caption does, and in the second where that of another one does.
    """
    folder = tmp_path_factory.mktemp("indexes")
    model = load_model("demo", towers=["text"])
    vectors = model.encode_texts(CAPTIONS)
    places = []
    for name, order in (("right", vectors), ("wrong", np.roll(vectors, 1, axis=0))):
        places.append(str(folder / name))
        open_store(places[-1], model.identity).upsert(
            [
                EncodedPhoto(
                    Photo(f"p{n}", f"{folder}/{n}.jpg", "1", caption),
                    *(hash_of(n), 90, 60, vector, b""),
                )
                for n, (caption, vector) in enumerate(zip(CAPTIONS, order, strict=True))
            ]
        )
    return places[0], places[1]


def test_the_index_that_was_in_use_before_is_compared_with_by_its_place(
    indexes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "index")
    shutil.copytree(indexes[0], place)
    model = load_model(other_model(tmp_path / "model"), towers=["text"])
    engine = reindexing_engine(place)
    before = engine.generations(place).current
    target = engine.begin(place, model.identity)
    vectors = np.roll(model.encode_texts(CAPTIONS), 1, axis=0)  # each lies where another one does
    stored = open_store(place).encoded([f"p{n}" for n in range(len(CAPTIONS))]).values()
    open_store(target).upsert(
        [replace(each, vector=vector) for each, vector in zip(stored, vectors, strict=True)]
    )
    engine.switch(place, target)
    assert main(["evaluate", "--index", place, "--against", before, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["text_to_image"]["R@1"]) == (model.identity.name, 0)
    assert told["against"]["model"] == "demo"
    assert told["against"]["text_to_image"]["R@1"] == 1
    assert main(["evaluate", "--index", before, "--against", target]) == 0
    assert "against text_to_image R@1\t0.000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("columns", "against", "is_high"),
    [
        (76, False, False),
        (70, False, True),
        (40, False, True),
        (200, True, False),
        (56, True, True),
    ],
)
def test_the_table_fits_the_terminal(
    indexes: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
    against: bool,
    is_high: bool,
) -> None:
    saved = str(tmp_path / "run.json")
    assert main(["evaluate", "--index", indexes[0], "--save", saved]) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")  # for rich that is a terminal
    arguments = ["--against", saved] if against else []
    assert main(["evaluate", "--index", indexes[1], *arguments]) == 0
    out = [_STYLES.sub("", line).rstrip() for line in capsys.readouterr().out.splitlines()]
    text = "\n".join(out)
    assert max(map(len, out)) <= columns
    assert "…" not in text
    for figure in ("text to image (6)", "image to text (6)", *SHOWN, "0.000", "0.00-0.00"):
        assert figure in text
    assert ("Beside each" in text) == is_high


def test_an_index_is_measured_by_its_vectors(
    indexes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = str(tmp_path / "run.json")
    assert main(["evaluate", "--index", indexes[0], "--json", "--save", saved]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["photos"], told["seed"]) == ("demo", 6, 18)
    for direction in ("text_to_image", "image_to_text"):
        assert (told[direction]["R@1"], told[direction]["median rank"]) == (1, 1)
        assert told[direction]["intervals"]["R@1"] == [1, 1]
    assert main(["evaluate", "--index", indexes[1], "--against", saved]) == 0
    out = capsys.readouterr().out
    assert "text_to_image R@1\t0.000\t0.000\t0.000" in out
    assert "against text_to_image R@1\t1.000" in out
    assert "p = 0.031; 6 queries): " in out
    assert out.count("is better.") == 2


def test_two_indexes_are_compared(
    indexes: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--index", indexes[0], "--against", indexes[1], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["against"]["name"] == indexes[1]
    [deciding, _] = [one for one in told["comparison"] if one["decides"]]
    assert (deciding["measure"], deciding["outcome"]) == ("R@1", "better")
    assert told["verdicts"][0].endswith(f"{indexes[0]} is better.")


def test_queries_of_ones_own(
    indexes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.csv"
    queries.write_text("query,photo,grade\ncar,p0,3\ncar,p1,1\ncat,p5,3\ncat,p99,1\n")
    asked = ["evaluate", "--index", indexes[0], "--queries", str(queries), "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["text_to_image"]["queries"], told["text_to_image"]["nDCG@1"]) == (2, 1)
    assert told["image_to_text"]["queries"] == 3
    assert told["remarks"][0].startswith("1 photo of the judgements is not among these")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--against", "no-such-thing"], "--against no-such-thing is no index, no file of --save"),
        (["--against", "demo"], "Only 0 photos with captions are in both, by their bytes"),
        (["--queries", "no-such.csv"], "no-such.csv cannot be read"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    indexes: tuple[str, str], capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["evaluate", "--index", indexes[0], *arguments]) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_an_index_that_is_not_there_is_told_before_a_model_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "--index", str(tmp_path / "none")]) == 1
    assert f"There is no index at {tmp_path / 'none'} yet" in capsys.readouterr().err


def test_a_source_without_captions_is_told_before_a_model_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(drawing(), "JPEG"))
    asked = ["evaluate", "--source", str(tmp_path), "--model", "ViT-H-14:laion2b_s32b_b79k"]
    assert main([*asked, "--index", str(tmp_path / "none")]) == 1
    told = capsys.readouterr()
    assert "Only 0 photos with a caption could be used" in " ".join(told.err.split())
    assert "Fetching" not in told.out + told.err


def test_texts_that_the_model_cannot_read_are_told(
    indexes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "queries.csv").write_text("query,photo\n赤い車,p0\na cat,p5\n", "utf-8")
    asked = ["evaluate", "--index", indexes[0], "--queries", str(tmp_path / "queries.csv")]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["remarks"]
    assert told[0].startswith("1 of the texts, such as '赤い車', are not in English")
    assert told[1].startswith("Asked by 2 texts only")


def test_texts_that_the_model_does_not_read_to_their_end_are_counted(
    indexes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "a red car " * 50
    (tmp_path / "queries.csv").write_text(f"query,photo\n{long},p0\na cat,p5\n", "utf-8")
    asked = ["evaluate", "--index", indexes[0], "--queries", str(tmp_path / "queries.csv")]
    assert main([*asked, "--against", indexes[1], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    tokens = (text_config_of("demo") or {})["context_length"]
    assert told["cut_texts"] == {"texts": 2, "cut": 1, "tokens": tokens}
    assert told["against"]["cut_texts"] == told["cut_texts"]
    said = (
        f"1 of 2 texts was cut to {tokens} tokens, which are words or parts of words: the model "
        "demo reads no more, and its end was not read."
    )
    assert told["remarks"].count(said) == 1
    assert main(asked) == 0
    assert said in " ".join(capsys.readouterr().out.split())
    assert main(["evaluate", "--index", indexes[0], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cut_texts"] == {"texts": 6, "cut": 0, "tokens": tokens}
    assert not any("cut to" in remark for remark in told["remarks"])


def test_a_limit_that_leaves_photos_out_is_told(
    indexes: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = "Only the first 4 of 6 photos were looked at (-n)."
    assert main(["evaluate", "--index", indexes[0], "-n", "4", "--json"]) == 0
    assert said in json.loads(capsys.readouterr().out)["remarks"]
    assert main(["evaluate", "--index", indexes[0], "-n", "4"]) == 0
    assert said in capsys.readouterr().out
    assert main(["evaluate", "--index", indexes[0], "-n", "6"]) == 0
    assert "looked at" not in capsys.readouterr().out


def _index_things(place: str, model: ClipModel, photos: int) -> None:
    """Photos of nine things, each where its caption lies."""
    things = ("car", "boat", "dog", "tree", "lighthouse", "cat", "tractor", "windmill", "tent")
    vectors = dict(zip(things, model.encode_texts(things), strict=True))
    open_store(place, model.identity).upsert(
        [
            EncodedPhoto(
                Photo(f"p{n}", f"/gone/{n}.jpg", "1", thing),
                *(hash_of(n), 90, 60, vectors[thing], b""),
            )
            for n, thing in enumerate(islice(cycle(things), photos))
        ]
    )


def test_of_how_many_captions_an_index_has_learnt_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "index")
    _index_things(place, load_model("demo", towers=["text"]), 310)
    assert main(["evaluate", "--index", place, "--calibrate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["limits"]["photos"] == 300
    said = "To learn what a good match is, 300 of the 310 captions were asked, from all over."
    assert said in told["remarks"]


def test_an_index_learns_of_its_captions_what_a_good_match_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every photo lies where its caption does, so there is no reason to be more careful."""
    model, place = load_model("demo", towers=["text"]), str(tmp_path / "index")
    _index_things(place, model, 36)
    with PhotoSearch.open(place) as before:
        assert before.search("an automobile").confidence == "high"
    assert main(["evaluate", "--index", place, "--calibrate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["limits"]
    assert (told["photos"], told["texts"], told["there"]) == (36, 9, 1)
    assert told["limits"] == {"low": 0.5, "high": 1}
    note_limits(place, model.identity, Limits(0, 1_000))
    with PhotoSearch.open(place) as after:
        assert after.search("an automobile").confidence == "medium"
        assert after.search("car").confidence == "high", "that is what somebody wrote"
    assert main(["evaluate", "--index", place, "--calibrate"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "With that 100 of 100 captions find their photos with high confidence" in out
    with PhotoSearch.open(place) as again:
        assert again.search("car").confidence == "high"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 0, "The index has learnt nothing of what a good match is: that takes captions of 30"),
        (["--model", "ViT-B-32:openai"], 1, "--calibrate goes by the vectors of an index"),
        (["--source", "photos.csv"], 2, "--calibrate goes by the captions of the index alone"),
        (["--queries", "queries.csv"], 2, "--calibrate goes by the captions of the index alone"),
    ],
)
def test_where_nothing_can_be_learnt_the_limits_stay(
    indexes: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    try:
        left = main(["evaluate", "--index", indexes[0], "--calibrate", *arguments])
    except SystemExit as stopped:
        left = int(str(stopped.code))
    out = capsys.readouterr()
    assert left == code
    assert said in " ".join((out.out + out.err).split())
    assert not (Path(indexes[0]) / "limits").exists()


def test_an_index_and_its_source_give_the_same_figures(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "photos.csv"
    rows = ["path,caption"]
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(saved(drawing(90 + 9 * number), "PNG"))
        rows.append(f"{number}.png,{CAPTIONS[number % 6]} {'x' * (number // 2)}")
    source.write_text("\n".join(rows))
    index = str(tmp_path / "index")
    given = ["--source", str(source), "--index", index, "--model", "demo"]
    indexed = photoseek("-t", "index", *given)  # by itself: it forks, and this process has torch
    assert indexed.returncode == 0, indexed.stderr
    assert "12 indexed" in indexed.stdout
    of_index = ["--index", index]
    of_source = ["--source", str(source), "--model", "demo", "--index", str(tmp_path / "none")]
    told = []
    for arguments in (of_index, of_source):
        assert main(["evaluate", "--json", *arguments]) == 0
        told.append(json.loads(capfd.readouterr().out))
    for direction in ("text_to_image", "image_to_text"):
        assert told[0][direction] == told[1][direction]


def test_texts_are_encoded_as_searches_encode_them(indexes: tuple[str, str]) -> None:
    of_index = run_of_index(load_settings(index=indexes[0]), None)
    of_model = run_of_photos(load_settings(index=indexes[0]), "demo", None)
    one, other = (run.encoder.model.encode_texts(CAPTIONS) for run in (of_index, of_model))
    assert np.allclose(one, other, rtol=0, atol=1e-6)  # bfloat16 differs by a thousand times that
