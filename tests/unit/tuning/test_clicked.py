"""A model that is tuned with what people said of hits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from photoseek.cli.arguments import parse
from photoseek.cli.child import Attempt
from photoseek.cli.tune import run
from photoseek.errors import SourceError, StoreError
from photoseek.indexing.clicks import Click, Clicks
from photoseek.records import EncodedPhoto, Photo, Skip
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.tuning.clicked import read_clicks
from photoseek.tuning.examples import Example, split
from photoseek.tuning.losses import loss_of_wrong
from tests.support.other_words import plain_caption, write_photos
from tests.support.stored_photos import MODEL, vector_of


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An index of drawings: each is a good hit for its own word, and a wrong one for the next."""
    folder = tmp_path_factory.mktemp("clicked")
    rows = [line.split(",") for line in write_photos(folder, 70).read_text().splitlines()[1:]]
    store = open_store(folder / "index", MODEL)
    store.upsert(
        [
            EncodedPhoto(
                Photo(path, str(folder / path), "1"), f"{number:032x}", 9, 9, vector_of(number), b""
            )
            for number, (path, *_) in enumerate(rows)
        ]
    )
    clicks = Clicks(store.location)
    words = sorted({word for _, word, _ in rows})
    for path, word, _ in rows:
        other = words[(words.index(word) + 1) % len(words)]
        clicks.add(Click.now(word, path, good=True))
        clicks.add(Click.now(other, path, good=False))
    clicks.add(Click.now(words[0], "gone", good=True))
    return store.location


def test_clicks_are_captions_and_wrong_hits(index: str) -> None:
    found = read_clicks(load_settings(index=index))
    assert (len(found.good), len(found.wrong), found.gone) == (70, 70, 1)
    assert {one.uri for one in found.good} == {one.uri for one in found.wrong}
    assert not {(one.uri, one.caption) for one in found.good} & {
        (one.uri, one.caption) for one in found.wrong
    }


def test_without_clicks_it_says_how_to_get_some(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index", MODEL)
    with pytest.raises(SourceError, match="PHOTOSEEK_CLICKS=true"):
        read_clicks(load_settings(index=store.location))


def test_without_clicks_no_model_is_asked_for(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index", MODEL)
    options = parse(["tune", "--from", "clicks", "--to", str(tmp_path / "ours")])
    with pytest.raises(SourceError, match="PHOTOSEEK_CLICKS=true"):
        run(options, load_settings(index=store.location, model="no-such-model"))


def test_without_an_index_nothing_is_made_where_it_would_be(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no index"):
        read_clicks(load_settings(index=str(tmp_path / "none")))
    assert not (tmp_path / "none").exists()


def test_too_few_photos_are_told_with_why_others_were_left_out() -> None:
    skipped = [Skip("/photos/1.jpg", "It has no caption."), Skip("/photos/2.jpg", "It is gone.")]
    with pytest.raises(SourceError, match=r"Left out were 2, such as /photos/1.jpg: It has no"):
        split([Example("/photos/0.jpg", "0", ("a car",))], (), skipped)


def test_a_model_that_found_them_is_tuned_with_them(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = write_photos(tmp_path / "known", 6, plain_caption)
    rest = ("--check", str(check), "--epochs", "5", "--batch", "16", "--rate", "5e-3", "--json")
    options = parse(["tune", "--from", "clicks", "--to", str(tmp_path / "ours"), *rest])
    options.attempt = Attempt()
    code = run(options, load_settings(index=index, device="cpu"))
    told = json.loads(capsys.readouterr().out)
    assert told["model"] == MODEL.name
    assert code == (0 if told["outcome"] == "better" else 1)
    order = told["in_order"]
    assert order["pairs"] > 20
    assert order["before"] < order["after"] <= order["pairs"]


def test_a_wrong_hit_is_trained_on_only_where_it_is_not_tested() -> None:
    examples = [
        Example(f"/{number}.jpg", f"{number:016x}", (f"x{number}",)) for number in range(200)
    ]
    wrong = [Example(one.uri, one.key, ("y", "z")) for one in examples]
    parts = split(examples, wrong)
    assert set(parts.wrong["y"]) == {one.uri for one in parts.train}
    assert set(parts.wrong_in_test["z"]) == {one.uri for one in parts.test}
    assert parts.digest != split(examples).digest


def test_hits_in_the_wrong_order_have_the_larger_loss() -> None:
    text, near, far = torch.eye(3)[:1], torch.tensor([[0.8, 0.6, 0]]), torch.tensor([[0, 1.0, 0]])
    scale = torch.tensor(10.0)
    assert loss_of_wrong(text, near, far, scale) < 0.01
    assert loss_of_wrong(text, far, near, scale) > 7
