from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from photoseek.demo.captions import caption_of, full_caption, plural, tags_of, words_of
from photoseek.demo.colours import COLOURS
from photoseek.demo.scene import SHAPES, Figure, Scene, draw_scene, scene_of
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS

SMALL = 120


def scene(subject: str = "car", colour: str = "red", place: str = "", time: str = "day") -> Scene:
    home = place or (SUBJECTS[subject].places or ("field",))[0]
    return Scene(1, (Figure(subject, colour),), home, time, (3, 2))


def pixels(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    return np.asarray(image).astype(np.int16)


def test_the_world_is_large_enough() -> None:
    assert len(SUBJECTS) >= 30
    assert len(COLOURS) == 10
    assert len(PLACES) == 10
    assert {"day", "sunrise", "sunset", "night", "rain", "fog"} <= set(MOODS)


def test_the_same_seed_gives_the_same_pixels() -> None:
    one, two = draw_scene(scene_of(7), SMALL), draw_scene(scene_of(7), SMALL)
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != draw_scene(scene_of(8), SMALL).tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_longer_side_has_the_asked_length(shape: tuple[int, int]) -> None:
    image = draw_scene(replace(scene(), shape=shape), SMALL)
    assert image.mode == "RGB"
    assert max(image.size) == SMALL
    assert image.width / image.height == pytest.approx(shape[0] / shape[1], abs=0.03)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_shows_its_colour(subject: str) -> None:
    for colour in ("red", "blue"):
        image = pixels(draw_scene(scene(subject, colour), SMALL))
        near = np.abs(image - np.array(COLOURS[colour])).max(axis=2) < 34
        assert near.mean() > 0.01, f"{colour} {subject}"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_subject_touches_the_edge(subject: str) -> None:
    for seed in range(6):
        red = replace(scene(subject, "red"), seed=seed, shape=SHAPES[seed])
        blue = replace(red, figures=(Figure(subject, "blue"),))
        change = np.abs(pixels(draw_scene(red, SMALL)) - pixels(draw_scene(blue, SMALL)))
        changed = change.max(axis=2) > 8
        border = np.ones_like(changed)
        border[1:-1, 1:-1] = False
        assert not (changed & border).any(), f"{subject} in {red.shape}"


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_differs_from_the_others(colour: str) -> None:
    own = pixels(draw_scene(scene("car", colour, time="night"), SMALL))
    for other in set(COLOURS) - {colour}:
        drawn = pixels(draw_scene(scene("car", other, time="night"), SMALL))
        assert np.abs(own - drawn).max() > 40, f"{colour} and {other}"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("time", MOODS)
def test_every_place_draws_at_every_time(place: str, time: str) -> None:
    image = pixels(draw_scene(scene("cat", "orange", place, time), SMALL))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 100


def test_subjects_stay_where_they_belong() -> None:
    for seed in range(400):
        one = scene_of(seed)
        for figure in one.figures:
            allowed = SUBJECTS[figure.subject].places
            assert not allowed or one.place in allowed


def test_some_scenes_show_two_subjects() -> None:
    counts = [len(scene_of(seed).figures) for seed in range(300)]
    assert set(counts) == {1, 2}
    assert 30 < counts.count(2) < 100


def test_the_caption_names_every_attribute() -> None:
    for seed in range(200):
        one = scene_of(seed)
        caption = caption_of(one)
        assert PLACES[one.place].words[0] in caption
        assert MOODS[one.time].words[0] in caption
        for figure in one.figures:
            assert f"{figure.colour} {figure.subject}" in caption


def test_the_caption_reads_well() -> None:
    assert caption_of(scene("elephant", "orange", "snow", "night")) == (
        "An orange elephant in the snow at night"
    )


def test_captions_come_in_several_wordings_that_stay_the_same() -> None:
    one = scene_of(3)
    captions = [full_caption(one, random.Random(seed)) for seed in range(8)]
    assert captions == [full_caption(one, random.Random(seed)) for seed in range(8)]
    assert len(set(captions)) >= 4


def test_tags_hold_one_name_for_each_thing() -> None:
    tags = tags_of(scene("car", "red", "beach", "sunset"))
    assert tags == ["car", "red", "beach", "sunset"]


def test_other_names_are_known_too() -> None:
    words = words_of(scene("car", "red", "beach", "sunset"))
    assert {"car", "automobile", "red", "beach", "sea", "sunset", "dusk"} <= words


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("car", "cars"),
        ("bus", "buses"),
        ("pony", "ponies"),
        ("sheep", "sheep"),
        ("bench", "benches"),
    ],
)
def test_plural(word: str, many: str) -> None:
    assert plural(word) == many
