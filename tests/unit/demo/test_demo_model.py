from __future__ import annotations

import open_clip
import pytest
import torch

from photoseek.demo.captions import words_of
from photoseek.demo.example_queries import EXAMPLE_QUERIES, FEATURED
from photoseek.demo.scene import Scene, draw_scene
from training.export import MODEL_FOLDER
from training.measure import Figures, Searcher, draw_held_out, measure

HELD_OUT = 150

FEATURES = [
    Scene(2_000_000 + i, *motif, (3, 2))
    for i, motif in enumerate(motif for motifs in FEATURED.values() for motif in motifs)
]


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    scenes, images = draw_held_out(HELD_OUT, workers=1, longest=480)
    images += [draw_scene(scene, 480) for scene in FEATURES]
    return Searcher(MODEL_FOLDER, scenes + FEATURES, images)


@pytest.fixture(scope="module")
def figures(searcher: Searcher) -> Figures:
    return measure(searcher)


def test_the_model_is_small() -> None:
    size = sum(path.stat().st_size for path in MODEL_FOLDER.iterdir())
    assert size <= 25_000_000


def test_the_folder_holds_what_open_clip_reads() -> None:
    names = {path.name for path in MODEL_FOLDER.iterdir()}
    assert names == {"open_clip_config.json", "open_clip_model.safetensors", "README.md"}


def test_it_loads_as_every_other_model(searcher: Searcher) -> None:
    assert next(searcher.model.parameters()).dtype == torch.float32
    tokenizer = open_clip.get_tokenizer(f"local-dir:{MODEL_FOLDER}")
    assert tokenizer(["red car"]).shape == (1, searcher.model.context_length)
    assert searcher.vectors.shape == (HELD_OUT + len(FEATURES), 128)
    assert torch.allclose(
        searcher.vectors.norm(dim=1), torch.ones(HELD_OUT + len(FEATURES)), atol=1e-5
    )


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("full_caption_recall_at_1", 0.93),
        ("reworded_caption_recall_at_1", 0.93),
        ("colour_subject_precision_at_5", 0.8),
        ("colour_subject_precision_at_5_one_subject", 0.95),
        ("image_same_subject_in_top_5", 0.8),
        ("subject_precision_at_10", 0.95),
        ("plain_word_precision_at_10", 0.95),
        ("synonym_precision_at_10", 0.95),
    ],
)
def test_it_finds_what_it_should(figures: Figures, name: str, least: float) -> None:
    assert getattr(figures, name) >= least


def test_unknown_words_do_little_harm(searcher: Searcher) -> None:
    plain, padded = searcher.search(["red car", "a wonderful red car please"], 1)
    assert plain == padded


def test_unused_tokens_share_one_row(searcher: Searcher) -> None:
    rows = searcher.model.token_embedding.weight
    kinds = torch.unique(rows, dim=0)
    assert len(kinds) < 600
    assert torch.isfinite(rows).all()


@pytest.mark.parametrize("query", EXAMPLE_QUERIES)
def test_example_queries_are_answered(searcher: Searcher, query: str) -> None:
    found = [searcher.scenes[i] for i in searcher.search([query], 3)[0]]
    wanted = [_spoken_of(Scene(0, *motif, (3, 2)), query) for motif in FEATURED[query]]
    assert all(_spoken_of(scene, query) in wanted for scene in found)


def _spoken_of(scene: Scene, query: str) -> set[str]:
    """The attributes of a scene that a query names."""
    return {word for word in words_of(scene) if word in query}
