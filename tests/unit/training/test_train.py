from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import open_clip
import pytest
import torch
from safetensors.torch import load_file

from photoseek.demo.scene import scene_of
from photoseek.model import load_model
from training import train as train_module
from training.attributes import KINDS, WEIGHTS, all_wordings, targets_of
from training.batches import augmented, caption_rows
from training.drawings import training_seeds
from training.export import CONTEXT_LENGTH, Loss, Vocabulary, encode_rows, model_config
from training.texts import TextPlan, train_texts
from training.train import Plan, Training, train


def plan_in(folder: Path) -> Plan:
    return Plan(
        seed=0,
        drawings=32,
        epochs=2,
        batch=16,
        rate=1e-3,
        image_size=32,
        width=8,
        cache=folder / "cache",
        out=folder / "model",
        threads=1,
        minutes=0,
        text_from=0.5,
        pair_share=0.5,
        start=None,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A run that has ended, for tests that leave what it wrote as it is."""
    plan = plan_in(tmp_path_factory.mktemp("trained"))
    assert train(plan) > 0
    return plan


def test_a_trained_model_loads_through_open_clip(trained: Plan) -> None:
    name = f"local-dir:{trained.out}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    tokens = open_clip.get_tokenizer(name)(["red car"])
    assert model.encode_text(tokens).shape == (1, 128)
    assert preprocess is not None


def test_an_interrupted_run_ends_as_an_unbroken_one(
    trained: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, save = plan_in(tmp_path), Training.save
    shutil.copytree(trained.cache, plan.cache, ignore=shutil.ignore_patterns("checkpoint.pt"))

    def stop_after_saving(self: Training) -> None:
        save(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Training, "save", stop_after_saving)
    with pytest.raises(KeyboardInterrupt):
        train(plan)
    monkeypatch.undo()
    torch.manual_seed(99)
    train(plan)
    weights = "open_clip_model.safetensors"
    assert (plan.out / weights).read_bytes() == (trained.out / weights).read_bytes()


def test_a_run_can_begin_with_the_weights_of_another(
    trained: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(train_module, "say", said.append)
    plan = plan_in(tmp_path)
    shutil.copytree(trained.cache, plan.cache)
    train(replace(plan, epochs=1, start=trained.cache / "checkpoint.pt"))
    assert any("another plan" in line for line in said)


@pytest.mark.parametrize("loss", ["sigmoid", "softmax"])
def test_texts_are_learnt_by_either_loss(trained: Plan, tmp_path: Path, loss: Loss) -> None:
    plan = TextPlan(
        loss=loss,
        out=tmp_path / "model",
        seed=0,
        drawings=32,
        looks=2,
        steps=3,
        batch=8,
        rate=1e-3,
        pair_share=0.5,
        cache=trained.cache,
        pictures_from=trained.out,
        threads=1,
    )
    train_texts(plan)
    weights = load_file(plan.out / "open_clip_model.safetensors")
    before = load_file(trained.out / "open_clip_model.safetensors")
    assert ("logit_bias" in weights) == (loss == "sigmoid")
    changed = {name for name in before if not torch.equal(before[name], weights[name])}
    assert {name for name in changed if name.startswith("visual.")} == {
        "visual.attnpool.c_proj.weight",
        "visual.attnpool.c_proj.bias",
    }
    assert "text_projection" in changed
    model = load_model(f"local-dir:{plan.out}", precision="fp32")
    assert model.encode_texts(["red car", "night"]).shape == (2, 128)


def test_training_drawings_have_the_share_of_pairs_that_was_asked_for() -> None:
    seeds = training_seeds(20, 0.6)
    figures = [len(scene_of(seed).figures) for seed in seeds]
    assert seeds == sorted(set(seeds))
    assert (figures.count(2), figures.count(1)) == (12, 8)


def test_text_is_encoded_as_open_clip_does() -> None:
    vocabulary = Vocabulary(["a red car at night", "cat"])
    model = open_clip.model.CLIP(**model_config(32, 8, len(vocabulary))).eval()
    rows = vocabulary.batch([vocabulary.encode("red car"), vocabulary.encode("a cat at night")])
    padded = torch.zeros(2, CONTEXT_LENGTH, dtype=torch.long)
    padded[:, : rows.shape[1]] = rows
    expected = model.encode_text(padded, normalize=True)
    assert torch.allclose(encode_rows(model, rows), expected, atol=1e-6)


def test_unknown_words_become_the_row_for_any_word() -> None:
    vocabulary = Vocabulary(["red car"])
    assert 0 not in vocabulary.encode("red car")
    assert set(vocabulary.encode("zebra")) == {0}


def test_targets_are_shares_of_what_a_drawing_shows() -> None:
    scenes = [scene_of(seed) for seed in range(40)]
    targets = targets_of(scenes)
    assert len(targets) == len(KINDS) == len(WEIGHTS)
    for target, names in zip(targets, all_wordings(), strict=True):
        assert target.shape == (40, len(names))
        assert torch.allclose(target.sum(dim=1), torch.ones(40))


def test_captions_fit_the_context() -> None:
    scenes, rng = [scene_of(seed) for seed in range(100)], random.Random(0)
    vocabulary = Vocabulary([])
    for scene in scenes:
        assert len(caption_rows(scene, vocabulary, rng)) <= CONTEXT_LENGTH - 2


def test_augmented_batches_keep_their_shape() -> None:
    pixels = torch.randint(0, 256, (4, 32, 32, 3), dtype=torch.uint8)
    batch = augmented(pixels, 32, random.Random(0))
    assert batch.shape == (4, 3, 32, 32)
    assert batch.dtype == torch.float32
