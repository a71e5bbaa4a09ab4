"""`photoseek reindex`: what people and scripts see of it, and what kills leave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.records import Photo
from photoseek.store import open_store
from tests.support.killed_reindex import picture, tried
from tests.support.models import save_model, save_with_tokenizer
from tests.support.other_models import DEMO, other_model
from tests.support.servers import HeldBackPhoto, held_back_photo
from tests.support.terminal import OnTerminal, photoseek
from tests.support.waiting import PATIENCE

PHOTOS = 6
MANY = 350
"""Photos of which the first 256 are stored together."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return other_model(tmp_path_factory.mktemp("models") / "other")


def library(tmp_path: Path, count: int) -> Path:
    (tmp_path / "photos").mkdir()
    for number in range(count):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(picture(number, side=64))
    with PhotoSearch.open(tmp_path / "index", model=DEMO) as search:
        assert search.index(tmp_path / "photos").indexed == count
    return tmp_path / "index"


@contextmanager
def waiting_for_the_last(
    index: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[OnTerminal, HeldBackPhoto]]:
    """A reindex that has done all photos but one, which is on the web and does not arrive."""
    monkeypatch.setenv("PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("PHOTOSEEK_FETCH_SECONDS", "600")
    with held_back_photo(picture(MANY, side=64)) as last:
        last.allowed.set()
        with PhotoSearch.open(index) as search:
            [outcome] = search.index_batch([Photo("zzz", last.url, "1")], [""])
        assert outcome.outcome == "indexed", outcome
        last.allowed.clear()
        last.asked.clear()
        terminal = OnTerminal(*options)
        terminal.wait_for(rf"Encoding .* (2[6-9]|3\d)\d/{MANY + 1} ")
        assert last.asked.wait(PATIENCE)
        yield terminal, last


def test_there_and_back_and_the_old_one_is_dropped(tmp_path: Path, model: str) -> None:
    index = library(tmp_path, PHOTOS)
    (tmp_path / "photos" / "0.jpg").unlink()
    first = photoseek("reindex", "--index", index, "--model", model)
    assert first.returncode == 0, first.stderr
    assert f"{PHOTOS} encoded in" in first.stdout
    assert re.search(rf"To be read: {PHOTOS} photos \([\d.]+ kB\) from files of", first.stdout)
    assert "1 photo was encoded from its thumbnail" in first.stdout
    assert "Its file was not to be had, or is another one by now." in first.stdout
    assert f"{index} is of the model '{model}' now, with {PHOTOS} photos (" in first.stdout
    assert "--back" in first.stdout
    assert "--drop-old" in first.stdout
    assert open_store(index).model.name == model
    beside = f"{index}/photos-000001.lance"
    status = photoseek("status", "--index", index)
    assert f"{beside} (model {DEMO}, {PHOTOS} photos, in use before)" in status.stdout
    told = json.loads(photoseek("status", "--index", index, "--json").stdout)["beside"]
    assert told == {"location": beside, "was_in_use": True, "model": DEMO, "photos": PHOTOS}
    back = photoseek("reindex", "--index", index, "--back", "--json")
    assert back.returncode == 0, back.stderr
    report = json.loads(back.stdout)
    assert (report["model"], report["encoded"], report["unchanged"]) == (DEMO, 0, PHOTOS)
    assert report["is_switched"]
    assert open_store(report["before"]).count() == PHOTOS  # the place can be opened
    dropped = photoseek("reindex", "--index", index, "--drop-old")
    assert dropped.returncode == 0, dropped.stderr
    assert f"The index of before beside {index}, of the model '{model}', is removed" in (
        dropped.stdout
    )
    assert "beside" not in photoseek("status", "--index", index).stdout
    found = photoseek("search", "red", "--index", index, "--json")
    assert len(found.stdout.splitlines()) == PHOTOS


def test_a_disk_that_is_not_mounted_is_waited_for_or_not(tmp_path: Path, model: str) -> None:
    index = library(tmp_path, PHOTOS)
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    run = photoseek("reindex", "--index", index, "--model", model)
    assert run.returncode == 1
    assert f"There is nothing at {tmp_path / 'photos'}. Attach its disk or share" in run.stdout
    assert f"{index} is as it was, with the model '{DEMO}'" in run.stdout
    assert f"{PHOTOS} photos cannot be read now, and may be later" in run.stdout
    assert "or add --from-thumbnails" in run.stdout
    told = json.loads(photoseek("reindex", "--index", index, "--model", model, "--json").stdout)
    assert (len(told["away"]), told["photos"], told["is_switched"]) == (PHOTOS, 0, False)
    run = photoseek("reindex", "--index", index, "--model", model, "--from-thumbnails")
    assert run.returncode == 0, run.stderr
    assert f"{PHOTOS} photos were encoded from their thumbnails" in run.stdout
    assert open_store(index).model.name == model


@pytest.mark.parametrize(
    ("options", "says", "code"),
    [
        ([], "name the new model: --model NAME; or --back, or --drop-old", 2),
        (["--back", "--model", "demo"], "leave --model out", 2),
        (["--back", "--drop-old"], "--back or --drop-old, one of them", 2),
        (["--index", "nowhere", "--model", "demo"], "There is no index at nowhere yet", 1),
        (["--model", "demo", "--gateway", "http://x"], "--gateway belongs", 2),
        (["--index", "memory:x", "--back"], "There is no index at memory:x yet", 1),
    ],
)
def test_what_makes_no_sense_is_a_sentence(options: list[str], says: str, code: int) -> None:
    run = photoseek("reindex", *options)
    assert run.returncode == code
    assert says in run.stderr
    assert "Traceback" not in run.stderr


def test_a_run_that_is_stopped_says_what_is_kept_and_goes_on(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot end before: its last photo is on the web, and does not arrive."""
    index = library(tmp_path, MANY)
    options = ["reindex", "--index", str(index), "--model", model]
    with waiting_for_the_last(index, options, monkeypatch) as (terminal, last):
        terminal.press_ctrl_c()
        last.allowed.set()
        assert terminal.end() == 130
        kept = terminal.wait_for(rf"Stopped\. (\d+) of {MANY + 1} photos are ready")
        assert "Traceback" not in terminal.shown
        assert 0 < int(kept[1]) <= MANY
        assert open_store(index).model.name == DEMO
        again = photoseek(*options, "--json")
    report = json.loads(again.stdout)
    assert report["unchanged"] >= int(kept[1])
    assert (report["unchanged"] + report["encoded"], report["photos"]) == (MANY + 1, MANY + 1)
    assert report["from_thumbnails"] == 0


def test_kills_lose_nothing_double_nothing_and_leave_nothing_half_done(tmp_path: Path) -> None:
    """While others search, add, describe and delete; its module does it twenty times."""
    made, result = tried(tmp_path, str(tmp_path / "index"), photos=100, kills=3, seed=1, longest=5)
    assert result.wrong == []
    assert (result.kills, result.switches > 0) == (3, True)
    assert made.searches > 0
    assert made.writes > 0


def test_a_model_that_is_of_no_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    index = library(tmp_path, 1)
    name = save_with_tokenizer(tmp_path / "model", "SigLIP2")
    (tmp_path / "model" / "tokenizer.json").write_text('{"version":')
    run = photoseek("reindex", "--index", index, "--model", name)
    assert run.returncode == 1
    assert "cannot be used" in run.stderr
    assert "Copy tokenizer.json of the model once more" in run.stderr
    status = json.loads(photoseek("status", "--index", index, "--json").stdout)
    assert status["beside"] is None
    assert status["model"]["name"] == DEMO


def test_there_is_no_way_back_to_weights_that_are_gone(tmp_path: Path) -> None:
    name = save_model(tmp_path / "model")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "0.jpg").write_bytes(picture(0, side=64))
    with PhotoSearch.open(tmp_path / "index", model=name) as search:
        assert search.index(tmp_path / "photos").indexed == 1
    save_model(tmp_path / "model", seed=1)
    refused = photoseek("search", "red", "--index", tmp_path / "index")
    assert f"reindex --index {tmp_path / 'index'} --model {name}" in refused.stderr
    again = photoseek("reindex", "--index", tmp_path / "index", "--model", name)
    assert again.returncode == 0, again.stderr
    back = photoseek("reindex", "--index", tmp_path / "index", "--back")
    assert back.returncode == 1
    assert "was made with other weights of the model" in back.stderr
    assert "Put those weights back" in back.stderr
    assert photoseek("search", "red", "--index", tmp_path / "index").returncode == 0


def test_a_run_whose_disk_fails_says_what_is_kept_and_goes_on(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the new index is away while the last photo is waited for."""
    index = library(tmp_path, MANY)
    options = ["reindex", "--index", str(index), "--model", model]
    with waiting_for_the_last(index, options, monkeypatch) as (terminal, last):
        target, away = index / "photos-000002.lance", tmp_path / "away"
        target.rename(away)
        target.write_text("no folder")
        last.allowed.set()
        assert terminal.end() == 1
        kept = terminal.wait_for(rf"Broken off\. (\d+) of {MANY + 1} photos are ready")
        assert terminal.wait_for(r"is as\s+it\s+was\.\s+The\s+same\s+command\s+goes\s+on")
        assert "Traceback" not in terminal.shown
        target.unlink()
        away.rename(target)
        assert open_store(index).model.name == DEMO
        report = json.loads(photoseek(*options, "--json").stdout)
    assert report["unchanged"] >= int(kept[1]) > 0
    assert (report["unchanged"] + report["encoded"], report["photos"]) == (MANY + 1, MANY + 1)
