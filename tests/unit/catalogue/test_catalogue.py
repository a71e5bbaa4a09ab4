"""What is known of published models before they are fetched."""

from __future__ import annotations

import open_clip
import pytest

from photoseek.catalogue import (
    ENOUGH_MEMORY,
    PRESETS,
    download_size,
    languages_of,
    licence_of,
    limit_of,
    new_index_preset,
    reads_english_alone,
    resolved,
)
from photoseek.settings import load_settings

PAIRS = open_clip.list_pretrained(as_str=True)


def test_every_published_pair_has_a_licence_languages_and_a_size() -> None:
    for pair in PAIRS:
        assert licence_of(pair), pair
        assert languages_of(pair), pair
        assert download_size(pair), pair


@pytest.mark.parametrize(
    ("name", "licence", "is_limited"),
    [
        ("ViT-B-32:laion2b_s34b_b79k", "MIT", False),
        ("ViT-B-32:openai", "MIT", False),
        ("ViT-B-32:laion400m_e32", "MIT (not verified)", False),
        ("ViT-B-32-SigLIP2-256:webli", "Apache-2.0", False),
        ("MobileCLIP2-S0:dfndr2b", "apple-amlr", True),
        ("ViT-H-14-quickgelu:dfn5b", "apple-amlr", True),
        ("ViT-B-32:metaclip_400m", "CC-BY-NC-4.0", True),
        ("ViT-H-14-worldwide:metaclip2_worldwide", "CC-BY-NC-4.0 (not verified)", True),
        ("nllb-clip-base:v1", "CC-BY-NC-4.0 (not verified)", True),
    ],
)
def test_licences_by_family(name: str, licence: str, is_limited: bool) -> None:
    assert str(licence_of(name)) == licence
    assert bool(limit_of(name)) == is_limited
    assert not is_limited or licence in limit_of(name)


def test_the_limits_of_weights_are_told_by_the_name_of_their_repository_too() -> None:
    for architecture, tag in open_clip.list_pretrained():
        known = open_clip.get_pretrained_cfg(architecture, tag)["hf_hub"]
        by_hub = licence_of(name := f"hf-hub:{known.rpartition('/')[0]}")
        limit = licence_of(f"{architecture}:{tag}")
        assert limit
        assert (by_hub.limit if by_hub else "") == limit.limit, name
    assert "for research only" in limit_of("hf-hub:apple/MobileCLIP-S0-OpenCLIP")
    assert "not for commercial purposes" in limit_of("hf-hub:immich-app/nllb-clip-base-siglip__v1")


@pytest.mark.parametrize("name", ["local-dir:models/ours", "hf-hub:us/ours", "ViT-B-32:ours.pt"])
def test_nothing_is_said_of_models_that_nobody_has_published_here(name: str) -> None:
    assert licence_of(name) is None
    assert limit_of(name) == languages_of(name) == ""
    assert download_size(name) is None
    assert not reads_english_alone(name)


def test_presets_are_published_pairs_that_businesses_may_use() -> None:
    for preset in PRESETS.values():
        for model in filter(None, (preset.model, preset.on_gpu)):
            assert model in PAIRS
            assert not limit_of(model)
            assert str(licence_of(model)) in ("MIT", "Apache-2.0")
            english = preset.name in ("fast", "english-small")
            assert reads_english_alone(model) == english
    sizes = {name: download_size(preset.model) or 0 for name, preset in PRESETS.items()}
    assert min(sizes, key=sizes.__getitem__) == "english-small"


def test_a_preset_becomes_the_name_that_an_index_notes() -> None:
    assert load_settings(model="standard").model == PRESETS["standard"].model
    assert load_settings(model="best", device="cpu").model == PRESETS["best"].model
    assert load_settings(model="best", device="cuda").model == PRESETS["best"].on_gpu
    assert load_settings(model="fast", device="cuda").model == PRESETS["fast"].model
    assert load_settings(model="ViT-B-32:openai").model == "ViT-B-32:openai"
    assert load_settings().model is None
    assert resolved("local-dir:best") == "local-dir:best"


def test_a_preset_of_the_environment_is_resolved_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOSEEK_MODEL", "best")
    monkeypatch.setenv("PHOTOSEEK_DEVICE", "cuda:1")
    assert load_settings().model == PRESETS["best"].on_gpu


@pytest.mark.parametrize(
    ("memory", "preset"),
    [
        (0, "standard"),
        (2_000_000_000, "fast"),
        (ENOUGH_MEMORY - 1, "fast"),
        (ENOUGH_MEMORY, "standard"),
        (64_000_000_000, "standard"),
    ],
)
def test_a_new_index_gets_what_the_memory_is_enough_for(memory: int, preset: str) -> None:
    assert new_index_preset(memory) == preset
