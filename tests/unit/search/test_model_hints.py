"""What a model cannot read of a query."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photoseek.demo.example_queries import EXAMPLE_QUERIES
from photoseek.search.grammar import QueryPart, parse_query
from photoseek.search.model_hints import may_be_misread, model_hint
from tests.support.models import save_with_tokenizer

ENGLISH, ALL = "ViT-B-32-256:datacomp_s34b_b86k", "ViT-B-32-SigLIP2-256:webli"


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("красная машина", "in no Latin letters"),
        ("夜の赤い車", "in no Latin letters"),
        ("سيارة حمراء", "in no Latin letters"),
        ("ein rotes Auto bei Nacht", "German"),
        ("rotes Auto im Schnee", "German"),
        ("Hund am Strand", "German"),
        ("une voiture rouge dans la neige", "French"),
        ("chien plage", "French"),
        ("una playa con niños", "Spanish"),
        ("coche rojo", "Spanish"),
        ("macchina rossa", "Italian"),
        ("rotes Auto", "German"),
        ("schwarzer Hund", "German"),
        ("Kinder spielen Fußball", "German"),
        ("Haus am Meer", "German"),
        ("coucher de soleil", "French"),
        ("montagne enneigée", "French"),
        ("plage au coucher du soleil", "French"),
        ("perro negro", "Spanish"),
        ("puesta de sol", "Spanish"),
        ("playa al atardecer", "Spanish"),
        ("gatto nero", "Italian"),
        ("tramonto sul mare", "Italian"),
    ],
)
def test_a_language_that_the_model_has_not_learnt(query: str, language: str) -> None:
    parts = parse_query(query)
    assert may_be_misread(parts)
    hint = model_hint(parts, ENGLISH, at_terminal=True)
    assert hint.startswith(f"The query seems to be {language}, and the model {ENGLISH}")
    assert "--model standard" in hint
    elsewhere = model_hint(parts, ENGLISH)
    assert "--" not in elsewhere
    assert elsewhere.endswith("indexed with a model that reads this language.")
    assert model_hint(parts, ALL) == ""
    assert model_hint(parts, "hf-hub:us/ours") == ""


@pytest.mark.parametrize(
    ("card", "is_told"),
    [
        ("---\nlicense: mit\nlanguage: en\n---\n# Ours", True),
        ("---\nlanguage:\n- en\nlicense: mit\n---\n", True),
        ("---\r\nlanguage:\r\n  - 'en' # alone\r\n---\r\n", True),
        ('---\nlanguage: ["en"]\n---\n', True),
        ("---\nlanguage:\n- en\n- de\n---\n", False),
        ("---\nlanguage: [en, de]\n---\n", False),
        ("---\nlanguage: multilingual\n---\n", False),
        ("---\nlanguage:\nlicense: en\n---\n", False),
        ("---\nlicense: mit\n---\nlanguage: en\n", False),
        ("language: en\n", False),
        ("", False),
        ("\ud800", False),
    ],
)
def test_a_card_says_that_a_model_has_learnt_english_alone(
    tmp_path: Path, card: str, is_told: bool
) -> None:
    (tmp_path / "README.md").write_bytes(card.encode("utf-8", "surrogatepass"))
    hint = model_hint(parse_query("rotes Auto"), f"local-dir:{tmp_path}")
    assert hint.startswith("The query seems to be German") == is_told


@pytest.mark.parametrize(
    "query",
    [
        *EXAMPLE_QUERIES,
        "red car - snow",
        "café in São Paulo",
        "Der Spiegel magazine on a table",
        "Los Angeles and Las Vegas",
        "vin et fromage",
        "El Niño flood",
        "I am an auto mechanic",
        "an auto on the strand",
        "Rouge River, autumn",
        "Casa Verde hotel",
        "Al Di Meola with his guitar",
        "I am a cane farmer",
        "la la land",
        "π = 3.14 on a blackboard",
        "DSC_0042.jpg 🚗",
        "IKEA ÖSTERLEN",
        "Zürich",
        "Cirque du Soleil",
        "Moulin Rouge du Paris",
        "sous chef at Café du Monde",
        "Pinot Noir and Sauvignon Blanc",
        "Playa del Carmen",
        "Costa del Sol",
        "Santa Maria della Neve",
        "Ponte Vecchio, Florence",
        "Haus der Kunst",
        "Haus am See",
        "Bad Homburg vor der Höhe",
        "Das Boot und U-boat",
        "im at the am bar",
    ],
)
def test_what_may_be_english_gets_no_hint(query: str) -> None:
    assert model_hint(parse_query(query), ENGLISH) == ""


@pytest.mark.parametrize(
    ("model", "length", "whole", "longer"),
    [
        (ENGLISH, 77, 75, 76),  # tokens of its own for the start and the end
        ("PE-Core-S-16-384:meta", 32, 30, 31),
        (ALL, 64, 63, 64),
    ],
)
def test_a_text_that_is_longer_than_the_model_reads(
    model: str, length: int, whole: int, longer: int
) -> None:
    assert model_hint([QueryPart("text", " ".join(["sea"] * whole))], model) == ""
    parts = [QueryPart("text", "snow"), QueryPart("text", " ".join(["sea"] * longer))]
    assert may_be_misread(parts)
    assert f"reads {length} tokens" in model_hint(parts, model)


def test_the_length_of_a_model_in_a_folder_is_its_own(tmp_path: Path) -> None:
    name = save_with_tokenizer(tmp_path, "SigLIP")
    words = [QueryPart("text", " ".join(["sea"] * 30))]
    assert "reads 24 tokens" in model_hint(words, name)
    (tmp_path / "open_clip_config.json").write_text("{}")
    assert model_hint(words, name) == ""


def test_pictures_and_photos_are_not_read() -> None:
    parts = [QueryPart("id", "ж" * 100), QueryPart("image", b"\xff" * 90)]
    assert not may_be_misread(parts)
    assert model_hint(parts, ENGLISH) == ""


def test_a_configuration_that_is_changed_is_read_again(tmp_path: Path) -> None:
    file, long = tmp_path / "open_clip_config.json", [QueryPart.of(text="red car at night " * 8)]
    for length in (16, 8, 116):
        file.write_text(json.dumps({"model_cfg": {"text_cfg": {"context_length": length}}}))
        hint = model_hint(long, f"local-dir:{tmp_path}")
        assert (f"reads {length} tokens" in hint) == (length < 100)
