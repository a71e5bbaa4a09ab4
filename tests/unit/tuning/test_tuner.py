"""A tuning from photos to a folder with a model and its card."""

from __future__ import annotations

import json
import random
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from photoseek.cli.arguments import parse
from photoseek.cli.child import Attempt
from photoseek.cli.tune import run
from photoseek.errors import ModelError, SettingsError, SourceError, StorageError
from photoseek.fetch import PhotoReader
from photoseek.model import load_model
from photoseek.model.loading import open_network
from photoseek.photos import ImageLimits, decode
from photoseek.plain_towers.model_files import WEIGHTS
from photoseek.settings import load_settings
from photoseek.sources import open_source
from photoseek.tuning.examples import Parts, gather, split
from photoseek.tuning.outcome import CHECKPOINT, alone_in
from photoseek.tuning.photo_pixels import PhotoPixels
from photoseek.tuning.plan import Plan
from photoseek.tuning.training_run import Training
from photoseek.tuning.unfinished import check_unfinished
from tests.support.made_tokenizers import KINDS
from tests.support.models import save_model, save_with_tokenizer
from tests.support.other_words import plain_caption, write_photos
from tests.support.pictures import drawing, saved

PLAN = Plan(seed=0, epochs=3, batch=8, rate=1e-3)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawings in words that the demo's model has never read."""
    return write_photos(tmp_path_factory.mktemp("own"), 110)


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawings in the words that it knows."""
    return write_photos(tmp_path_factory.mktemp("known"), 12, plain_caption)


def tuned(source: Path, folder: Path, *arguments: str) -> int:
    options = parse(["tune", "--to", str(folder), "--source", str(source), *arguments])
    options.attempt = Attempt()
    return run(options, load_settings(source=str(source), model="demo", device="cpu"))


@pytest.fixture(scope="module")
def model(photos: Path, drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "ours"
    rest = ("--check", str(drawings), "--epochs", "3", "--batch", "16", "--rate", "5e-3")
    assert tuned(photos, folder, *rest) == 0
    return folder


def told_apart(name: str, photos: Path) -> float:
    """The share of photos whose own word is nearer to them than all others."""
    loaded = load_model(name, precision="fp32", device="cpu")
    rows = [line.split(",") for line in photos.read_text().splitlines()[1:]]
    words = sorted({caption for _, caption, _ in rows})
    pixels = [
        decode((photos.parent / path).read_bytes(), loaded.input_shape, ImageLimits()).pixels
        for path, _, _ in rows
    ]
    nearest = (loaded.encode_images(pixels) @ loaded.encode_texts(words).T).argmax(axis=1)
    places: list[int] = nearest.tolist()
    right = [words[place] == row[1] for place, row in zip(places, rows, strict=True)]
    return sum(right) / len(right)


def test_a_tuned_model_knows_new_words(model: Path, photos: Path) -> None:
    assert told_apart("demo", photos) < 0.4
    assert told_apart(f"local-dir:{model}", photos) > 0.8
    assert sorted(path.name for path in model.iterdir()) == [
        "README.md",
        "open_clip_config.json",
        "open_clip_model.safetensors",
    ]


def test_the_card_says_what_it_was_made_of_and_how_good_it_is(model: Path, drawings: Path) -> None:
    card = (model / "README.md").read_text("utf-8")
    assert "110 photos with a caption" in card
    assert "CC0-1.0 (110)" in card
    assert "seed 0" in card
    assert "It is better on them. Mean of R@1, R@5 and R@10: text to image +" in card
    assert card.count("| image to text R@10 |") == 2
    assert f"12 photos of another kind ({drawings})" in card


def test_the_command_of_the_card_makes_the_same_model_again(model: Path) -> None:
    card = (model / "README.md").read_text("utf-8")
    words = shlex.split(card.split("```")[1])
    options = parse(words[words.index("tune") :])
    options.attempt = Attempt()
    assert run(options, load_settings(source=options.source, model="demo", device="cpu")) == 0
    again = model.with_name("ours-again")
    assert (again / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
    assert figures_of(again / "README.md") == figures_of(model / "README.md")


def figures_of(card: Path) -> list[str]:
    return [line for line in card.read_text("utf-8").splitlines() if line.startswith("|")]


def test_two_tunings_do_not_write_into_one_folder(photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    with alone_in(folder):
        with pytest.raises(SettingsError, match="Another tuning is at work in .*ours"):
            tuned(photos, folder)
        assert folder.is_dir()
    assert not folder.exists()
    with alone_in(folder):
        (folder / CHECKPOINT).touch()
    assert [path.name for path in folder.iterdir()] == [CHECKPOINT]


def test_a_folder_with_a_model_is_left_as_it_is(model: Path, photos: Path) -> None:
    before = (model / "README.md").read_bytes()
    with pytest.raises(SettingsError, match="There is a model in .* already"):
        tuned(photos, model)
    assert (model / "README.md").read_bytes() == before


def test_what_lies_in_a_folder_is_left_as_it_is(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(SettingsError, match="is not empty, and what is there is left as it is"):
        tuned(photos, tmp_path)
    with pytest.raises(SettingsError, match="is a file; name a folder"):
        tuned(photos, tmp_path / "README.md")
    with pytest.raises(SettingsError, match=r"cannot be written \(Not a directory\)"):
        tuned(photos, tmp_path / "README.md" / "ours")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_what_is_not_better_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(5)
    photos = write_photos(tmp_path / "own", 45, lambda _: f"number {rng.randrange(10**6)}")
    out = tmp_path / "ours"
    check = ("--check", str(photos), "--epochs", "1", "--batch", "16", "--rate", "1e-5")
    assert tuned(photos, out, *check, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] is None
    assert told["outcome"] in ("chance", "worse")
    assert told["own"]["text to image R@1"]["before"] >= 0
    assert not out.exists()


def test_too_few_captions_are_told_before_a_model_is_fetched(
    tmp_path: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = parse(["tune", "--to", str(tmp_path / "ours"), "-n", "39"])
    options.attempt = Attempt()
    settings = load_settings(source=str(photos), model="ViT-H-14:laion2b_s32b_b79k", device="cpu")
    with pytest.raises(SourceError, match="Only 39 photos with a caption could be used"):
        run(options, settings)
    (tmp_path / "a.jpg").write_bytes(saved(drawing(), "JPEG"))
    with pytest.raises(SourceError, match=r"Only 0 .*Left out were 1.*It has no caption\."):
        run(options, settings.model_copy(update={"source": str(tmp_path)}))
    with pytest.raises(ModelError, match="No model is called 'sandard'"):
        run(options, settings.model_copy(update={"source": str(tmp_path), "model": "sandard"}))
    assert "Fetching" not in capsys.readouterr().out


def test_without_a_check_nobody_knows_what_was_forgotten(
    tmp_path: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = save_model(tmp_path / "base")
    options = parse(["tune", "--to", str(tmp_path / "ours"), "--epochs", "1", "-n", "60"])
    options.attempt = Attempt()
    run(options, load_settings(source=str(photos), model=name, device="cpu"))
    assert "No general check was made" in " ".join(capsys.readouterr().out.split())


@contextmanager
def training(photos: Path, base: str, checkpoint: Path, plan: Plan = PLAN) -> Iterator[Training]:
    opened = open_network(base, device="cpu")
    pixels = PhotoPixels(PhotoReader(), opened.shape, ImageLimits())
    parts: Parts = split(gather(open_source(str(photos)), pixels).examples)
    yield Training(opened, parts, pixels, plan, checkpoint)
    pixels.close()


class KilledError(Exception):
    """What takes the place of a kill: nothing after it is run."""


def test_a_training_that_was_killed_ends_as_one_that_was_not(photos: Path, tmp_path: Path) -> None:
    base = save_model(tmp_path / "base")

    def kill(seen: int, epoch: int, _best: float) -> None:
        if epoch == 3 and seen > 8:
            raise KilledError

    with training(photos, base, tmp_path / "unbroken") as one:
        course = one.run()
        wanted = one.adapters.state()
    with training(photos, base, tmp_path / "killed") as two, pytest.raises(KilledError):
        two.run(kill)
    seen: list[int] = []
    with training(photos, base, tmp_path / "killed") as three:
        assert three.run(lambda _seen, epoch, _best: seen.append(epoch)) == course
        assert all(map(torch.equal, three.adapters.state(), wanted))
    assert set(seen) == {3}
    with training(photos, base, tmp_path / "killed", Plan(1, 1, 8, 1e-3)) as other:
        assert other.run().epochs == 1


def test_a_training_on_texts_that_were_read_otherwise_does_not_go_on(
    photos: Path, tmp_path: Path
) -> None:
    base, other = tmp_path / "base", tmp_path / "other"
    name, checkpoint = save_with_tokenizer(base, "SigLIP"), tmp_path / "checkpoint"

    def stop(_seen: int, epoch: int, _best: float) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with training(photos, name, checkpoint) as one:
        one.run(stop)
    with training(photos, name, checkpoint) as same:
        assert same.goes_on
    state = torch.load(checkpoint, weights_only=True)
    bare = state["key"].rpartition(", ")[0] + ")"  # without how texts were read, which is last
    torch.save(state | {"key": bare}, checkpoint)
    with training(photos, name, checkpoint) as of_before:
        assert of_before.goes_on, "an older photoseek did not say how it read them"
    torch.save(state, checkpoint)
    KINDS["SigLIP-i18n"].save(other)
    shutil.copy(other / "tokenizer.json", base)
    with training(photos, name, checkpoint) as mended:
        assert not mended.goes_on


def test_ctrl_c_keeps_the_best_so_far(photos: Path, tmp_path: Path) -> None:
    def stop(_seen: int, epoch: int, _best: float) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with training(photos, save_model(tmp_path / "base"), tmp_path / "checkpoint") as one:
        course = one.run(stop)
        assert course.by_hand
        assert (course.epochs, course.best_epoch) == (1, 1)
        assert any(bool(each.any()) for each in one.adapters.state()[1:])


def test_a_model_that_another_command_may_go_on_with_is_left_as_it_is(
    photos: Path, drawings: Path, tmp_path: Path
) -> None:
    (tmp_path / WEIGHTS).write_text("mine")
    torch.save({"key": "of another seed"}, tmp_path / CHECKPOINT)
    with pytest.raises(SettingsError, match="was stopped and can go on, and it is another one"):
        tuned(photos, tmp_path, "--check", str(drawings), "--epochs", "1", "-n", "60")
    (tmp_path / CHECKPOINT).write_text("half of one")
    with pytest.raises(SettingsError, match="The model in .* was made by another command"):
        tuned(photos, tmp_path, "--check", str(drawings), "--epochs", "1", "-n", "60")
    assert (tmp_path / WEIGHTS).read_text() == "mine"


def test_what_another_tuning_can_go_on_from_is_not_replaced(
    photos: Path, drawings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, judge = tmp_path / "ours", Training._judge
    asked = ("--check", str(drawings), "--epochs", "2", "--batch", "16", "-n", "60")

    def kill_after_the_first(one: Training) -> None:
        if one._at.epoch > 1:
            raise KilledError
        judge(one)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_judge", kill_after_the_first)
        with pytest.raises(KilledError):
            tuned(photos, folder, *asked)
    kept = (folder / CHECKPOINT).read_bytes()
    others = (
        (["--seed", "1"], "This one has --seed 1 --epochs 2 --batch 16 --rate 0.001, and that"),
        (["-n", "50"], "It has other photos or captions"),
    )
    for other, differs in others:
        with pytest.raises(SettingsError) as told:
            tuned(photos, folder, *asked, *other)
        assert str(told.value).startswith(f"A tuning in {folder} was stopped in round 2 and can")
        assert differs in str(told.value)
        assert f"remove {folder / CHECKPOINT}." in str(told.value)
        assert (folder / CHECKPOINT).read_bytes() == kept
    words = shlex.split(str(told.value).split("Go on with it: ")[1].split(". Or name")[0])
    options = parse(words[words.index("tune") :])
    options.attempt = Attempt()
    assert run(options, load_settings(source=options.source, model="demo", device="cpu")) in (0, 1)
    assert not (folder / CHECKPOINT).exists()


def test_a_checkpoint_that_cannot_be_read_now_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).mkdir()
    with pytest.raises(StorageError, match="from which a tuning .* cannot be read: Is a directory"):
        check_unfinished(tmp_path, "", PLAN)


def test_what_cannot_be_written_is_told_with_the_reason(photos: Path, tmp_path: Path) -> None:
    place = tmp_path / "gone" / "checkpoint"
    with (
        training(photos, save_model(tmp_path / "base"), place, Plan(0, 1, 32, 1e-3)) as one,
        pytest.raises(StorageError, match=r"gone cannot be written: No such file .*Mend that"),
    ):
        one.run()


def test_a_damaged_checkpoint_is_begun_anew(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(b"PK\x03\x04 half of it")
    plan = Plan(0, 1, 32, 1e-3)
    with training(photos, save_model(tmp_path / "base"), tmp_path / "checkpoint", plan) as one:
        assert one.run().epochs == 1


def test_a_sigmoid_model_is_trained_by_its_own_loss(photos: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    save_model(base)
    document = json.loads((base / "open_clip_config.json").read_text())
    document["model_cfg"] |= {"init_logit_bias": -10.0, "init_logit_scale": 2.3}
    (base / "open_clip_config.json").write_text(json.dumps(document))
    weights = load_file(base / "open_clip_model.safetensors")
    save_file({**weights, "logit_bias": torch.tensor(-10.0)}, base / "open_clip_model.safetensors")
    plan = Plan(0, 1, 32, 1e-3)
    with training(photos, f"local-dir:{base}", tmp_path / "checkpoint", plan) as one:
        one.run()
        bias = one.adapters.merged(1.0)["logit_bias"]
        assert bias.item() != -10.0
