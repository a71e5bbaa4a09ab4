"""The activation of each pair that OpenCLIP publishes, without its weights."""

from __future__ import annotations

import open_clip
import pytest

from photoseek.identity import MISTAKEN
from photoseek.model.loading import uses_quick_gelu

PAIRS = open_clip.list_pretrained()


def of_pair(architecture: str, tag: str) -> bool:
    return bool(open_clip.get_pretrained_cfg(architecture, tag).get("quick_gelu", False))


def of_architecture(architecture: str) -> bool:
    return bool(open_clip.get_model_config(architecture).get("quick_gelu", False))


def test_every_pair_has_the_activation_of_its_own_configuration() -> None:
    assert len(PAIRS) == 196
    for architecture, tag in PAIRS:
        config = open_clip.get_model_config(architecture)
        assert uses_quick_gelu(architecture, tag, config) == of_pair(architecture, tag)


def test_those_that_were_wrong_are_known_by_name() -> None:
    """An older photoseek took the architecture's; whoever upgrades OpenCLIP may add pairs."""
    wrong = {
        f"{architecture}:{tag}"
        for architecture, tag in PAIRS
        if of_pair(architecture, tag) != of_architecture(architecture)
    }
    assert len(MISTAKEN) == 28
    assert wrong == MISTAKEN


@pytest.mark.parametrize(
    ("architecture", "expected"), [("ViT-B-32", False), ("ViT-B-32-quickgelu", True)]
)
def test_weights_of_a_file_have_the_activation_of_the_architecture(
    architecture: str, expected: bool
) -> None:
    config = open_clip.get_model_config(architecture)
    assert uses_quick_gelu(architecture, "/models/mine.safetensors", config) is expected


@pytest.mark.parametrize("config", [{}, {"quick_gelu": False}, {"quick_gelu": True}])
@pytest.mark.parametrize("source", ["local-dir:/models/mine", "hf-hub:me/mine"])
def test_a_folder_and_the_hub_say_it_themselves(source: str, config: dict[str, bool]) -> None:
    assert uses_quick_gelu(source, None, config) is config.get("quick_gelu", False)
