"""An animation is known by its first frame with something on it."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from tests.support.decoded import difference, read, shown
from tests.support.pictures import drawing, saved

PHOTO = drawing().convert("RGBA")
CLEAR = Image.new("RGBA", PHOTO.size, (0, 0, 0, 0))
BLACK = Image.new("RGBA", PHOTO.size, "black")
WHITE = Image.new("RGBA", PHOTO.size, "white")
FORMS: dict[str, dict[str, Any]] = {
    "GIF": {"disposal": 2},
    "WEBP": {"lossless": True},
    "PNG": {},
    "AVIF": {"quality": 95, "speed": 10},
}


def film(form: str, *frames: Image.Image) -> bytes:
    options = FORMS[form] | {"save_all": True, "append_images": frames[1:], "duration": 100}
    return saved(frames[0], form, **options)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "before",
    [(CLEAR,), (BLACK,), (WHITE,), (CLEAR, CLEAR.copy(), BLACK)],
    ids=["clear", "black", "white", "several"],
)
def test_empty_frames_are_passed_over(form: str, before: tuple[Image.Image, ...]) -> None:
    photo = shown(saved(drawing(), "PNG"))
    assert difference(shown(film(form, *before, PHOTO, PHOTO.rotate(180))), photo) < 12


@pytest.mark.parametrize("form", FORMS)
def test_the_first_frame_is_taken_where_it_shows_something_or_none_does(form: str) -> None:
    photo = shown(saved(drawing(), "PNG"))
    assert difference(shown(film(form, PHOTO, PHOTO.rotate(180))), photo) < 12
    red, green, blue = shown(
        film(form, Image.new("RGBA", (40, 40), "red"), BLACK.resize((40, 40)))
    )[20, 20]
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_later_frames_that_are_broken_do_not_cost_the_first(form: str) -> None:
    data = film(form, BLACK, PHOTO)
    if form == "WEBP":
        assert read(data).width == 96
        return
    cut = data[: len(data) // 2]
    assert read(cut + bytes(20)).width == 96 if form == "GIF" else True
