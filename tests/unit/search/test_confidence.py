"""High where a library has what was asked for, low where it has not, whatever the scale."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.demo.library import jpeg_of
from photoseek.demo.scene import scene_of
from photoseek.model import ClipModel, load_model
from photoseek.photos import ImageLimits, decode
from photoseek.records import Vector
from photoseek.search.confidence import FEWEST, Background
from photoseek.search.meaningless import MEANINGLESS, WithoutMeaning, without_meaning

DIMENSIONS = 256
TOPICS = 20


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    shortened: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return shortened


class World:
    """Topics as directions, apart from each other; photos lie about them, all in one cone."""

    def __init__(self) -> None:
        self.dice = np.random.default_rng(0)
        self.topics = unit(self.dice.standard_normal((TOPICS, DIMENSIONS)))
        self.cone = unit(self.dice.standard_normal(DIMENSIONS))

    def photos(self, topics: NDArray[np.intp]) -> NDArray[np.float32]:
        noise = unit(self.dice.standard_normal((len(topics), DIMENSIONS)))
        return unit(self.cone + 0.5 * self.topics[topics] + 0.7 * noise)

    def library(self, count: int, topics: int = TOPICS - 4) -> NDArray[np.float32]:
        """The last four topics are in no library."""
        return self.photos(np.arange(count) % topics)

    def text(self, topic: int) -> Vector:
        """Texts have a cone of their own, so that their scores are low, as those of CLIP are."""
        away = unit(self.dice.standard_normal(DIMENSIONS))
        return unit(0.6 * self.topics[topic] + 0.8 * away)


class SharedDirection(World):
    """A direction that all texts share, and in which photos differ much, as with SigLIP's loss."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = unit(self.dice.standard_normal(DIMENSIONS))

    def photos(self, topics: NDArray[np.intp]) -> NDArray[np.float32]:
        along = self.dice.uniform(-1, 1, (len(topics), 1))
        return unit(super().photos(topics) + 0.25 * along * self.shared)

    def text(self, topic: int) -> Vector:
        away = unit(self.dice.standard_normal(DIMENSIONS))
        return unit(0.8 * self.topics[topic] + 0.5 * self.shared + 0.1 * away)

    def meaningless(self) -> NDArray[np.float32]:
        away = unit(self.dice.standard_normal((16, DIMENSIONS)))
        return unit(0.5 * self.shared + 0.15 * away)


def asks_without_meaning(
    meaningless: NDArray[np.float32], *parts: Vector, weights: tuple[float, ...] = (1.0,)
) -> WithoutMeaning:
    return without_meaning(meaningless, list(parts), weights)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shared() -> SharedDirection:
    return SharedDirection()


def best(library: NDArray[np.float32], query: Vector) -> float:
    return float((library @ query).max())


@pytest.mark.parametrize("count", [60, 600, 5000])
def test_one_measure_for_every_size_and_for_texts_and_pictures(world: World, count: int) -> None:
    library = world.library(count)
    background = Background(library[:: max(1, count // 500)])
    for pictures in (0.0, 1.0):
        above: dict[bool, list[float]] = {True: [], False: []}
        for topic in range(TOPICS):
            query = world.photos(np.array([topic]))[0] if pictures else world.text(topic)
            found = background.chance(query, count, pictures=pictures).above(best(library, query))
            assert found is not None
            above[topic < TOPICS - 4].append(found)
        assert np.median(above[True]) > np.median(above[False]) + 0.5


def test_many_that_match_do_not_pass_for_chance(world: World) -> None:
    third = np.array([0, *range(1, 12), 0, *range(1, 12), *[0] * 11])
    library = world.photos(np.tile(third, 18))
    query = world.text(0)
    background = Background(library)
    assert background.chance(query, len(library)).confidence(best(library, query)) == "high"


def test_a_direction_that_means_nothing_has_no_high_confidence(world: World) -> None:
    library = world.library(600)
    background = Background(library)
    said = [
        background.chance(query, 600).confidence(best(library, query))
        for query in unit(world.dice.standard_normal((200, DIMENSIONS)))
    ]
    assert said.count("low") > 120
    assert said.count("high") < 40


def test_scores_of_another_scale_are_judged_alike(world: World) -> None:
    """Vectors that lie closer together have scores that differ less."""
    library = world.library(600)
    narrow = unit(library + 3 * world.cone)
    query = world.text(3)
    wide_above = Background(library).chance(query, 600).above(best(library, query))
    narrow_above = Background(narrow).chance(query, 600).above(best(narrow, query))
    assert wide_above == pytest.approx(narrow_above, abs=0.5)


def test_more_photos_need_a_better_score(world: World) -> None:
    library = world.library(600)
    background, query = Background(library), world.text(1)
    order = [background.chance(query, photos).above(0.3) for photos in (1, 60, 5000, 10**9)]
    assert all(above is not None for above in order)
    assert order == sorted(order, key=lambda above: -(above or 0))


def test_pictures_are_judged_by_the_spread_of_pictures(world: World) -> None:
    library = world.library(600)
    background, query = Background(library), world.photos(np.array([TOPICS - 1]))[0]
    shares = [
        background.chance(query, 600, pictures=share).above(best(library, query))
        for share in (0.0, 0.5, 1.0)
    ]
    assert shares == sorted(shares, key=lambda above: -(above or 0))
    assert len(set(shares)) == 3


@pytest.mark.parametrize("count", [60, 600, 5000])
def test_texts_that_share_a_direction_are_no_answers(shared: SharedDirection, count: int) -> None:
    """What means nothing spreads its scores as far as what is there: texts without meaning tell."""
    library, meaningless = shared.library(count), shared.meaningless()
    background = Background(library[:: max(1, count // 500)])
    queries = {
        "there": [shared.text(topic) for topic in range(TOPICS - 4)],
        "absent": [shared.text(topic) for topic in range(TOPICS - 4, TOPICS) for _ in range(5)],
        "nonsense": [shared.meaningless()[0] for _ in range(20)],
    }
    high, before = Counter[str](), Counter[str]()
    for kind, some in queries.items():
        for query in some:
            asked, score = asks_without_meaning(meaningless, query), best(library, query)
            confidence = background.chance(query, count, without_meaning=asked).confidence(score)
            high[kind] += confidence == "high"
            before[kind] += background.chance(query, count).confidence(score) == "high"
    assert high["there"] >= 0.8 * len(queries["there"])
    assert high["absent"] <= 0.1 * len(queries["absent"])
    assert high["nonsense"] <= 0.1 * len(queries["nonsense"])
    assert before["nonsense"] > 0.5 * len(queries["nonsense"]), "no such library after all"


def test_what_a_query_wants_to_be_without_stays_in_what_it_is_compared_with(
    shared: SharedDirection,
) -> None:
    library, meaningless = shared.library(600), shared.meaningless()
    background = Background(library)
    for wanted, said in ((0, "high"), (TOPICS - 1, "low")):
        parts, weights = [shared.text(wanted), shared.text(5)], (2.0, -1.0)
        asked = asks_without_meaning(meaningless, *parts, weights=weights)
        query = unit(2 * parts[0] - parts[1])
        score = best(library, query)
        assert background.chance(query, 600, without_meaning=asked).confidence(score) == said


def test_among_photos_much_alike_what_they_all_show_is_found(world: World) -> None:
    """They spread so little that texts differ by more: then that is what scores are measured in."""
    one = world.library(1)
    library = unit(one + 0.01 * world.dice.standard_normal((60, DIMENSIONS)))
    background = Background(library)
    meaningless = unit(world.dice.standard_normal((16, DIMENSIONS)))

    def said(topic: int) -> str:
        query = world.text(topic)
        asked = asks_without_meaning(meaningless, query)
        score = best(library, query)
        return background.chance(query, len(library), without_meaning=asked).confidence(score)

    assert said(0) == "high"
    assert [said(topic) for topic in range(1, TOPICS)].count("high") <= 4


def test_a_million_photos_need_a_better_score_and_few_a_lesser_one(shared: SharedDirection) -> None:
    library, query = shared.library(600), shared.text(1)
    background = Background(library)
    asked = asks_without_meaning(shared.meaningless(), query)
    order = [
        background.chance(query, photos, without_meaning=asked).above(0.3)
        for photos in (1, 10, 100, 599, 600, 601, 5000, 1_000_000)
    ]
    assert all(above is not None for above in order)
    assert order == sorted(order, key=lambda above: -(above or 0))
    assert order[3] == pytest.approx(order[5], abs=0.02), "no step where the sample ends"


def test_another_model_is_asked_with_texts_of_its_own(shared: SharedDirection) -> None:
    library, query = shared.library(600), shared.text(1)
    background = Background(library)

    def above(meaningless: NDArray[np.float32]) -> float | None:
        asked = asks_without_meaning(meaningless, query)
        return background.chance(query, 600, without_meaning=asked).above(0.3)

    first, second = shared.meaningless(), unit(shared.topics[:16])
    assert above(first) != above(second)
    assert above(first) == Background(library).chance(
        query, 600, without_meaning=asks_without_meaning(first, query)
    ).above(0.3)


def test_too_little_to_tell(world: World) -> None:
    library = world.library(600)
    query = world.text(0)
    few = Background(library[: FEWEST - 1])
    assert few.chance(query, FEWEST - 1).above(0.9) is None
    assert few.chance(query, FEWEST - 1).confidence(0.9) == "medium"
    none = Background(np.empty((0, DIMENSIONS), np.float32))
    assert none.chance(query, 0).confidence(0.0) == "low"
    same = Background(np.repeat(library[:1], 50, axis=0))
    assert same.chance(query, 50).confidence(0.9) == "medium"
    assert Background(library).chance(query, 0).confidence(0.0) == "low"


@pytest.fixture(scope="module")
def demo() -> tuple[ClipModel, NDArray[np.float32]]:
    """The demo's model, and 150 of its drawings among which are no cars and no cats."""
    model = load_model("demo")
    scenes = [scene_of(seed) for seed in range(2_000_000, 2_000_200)]
    kept = [s for s in scenes if not {f.subject for f in s.figures} & {"car", "cat"}][:150]
    photos = [decode(jpeg_of(scene, 256), model.input_shape, ImageLimits()) for scene in kept]
    return model, model.encode_images([photo.pixels for photo in photos])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dog", "high"),
        ("a lighthouse", "high"),
        ("a photo of a windmill", "high"),
        ("in the snow", "high"),
        ("at night", "high"),
        ("car", "low"),
        ("automobile", "low"),
        ("cat", "low"),
        ("blorf snarg wibble", "low"),
        ("quarterly tax return", "low"),
    ],
)
def test_the_demo_knows_what_it_has(
    demo: tuple[ClipModel, NDArray[np.float32]], text: str, said: str
) -> None:
    model, library = demo
    query = model.encode_texts([text])[0]
    asked = asks_without_meaning(model.encode_texts(MEANINGLESS), query)
    background, found = Background(library), best(library, query)
    said_with = background.chance(query, len(library), without_meaning=asked).confidence(found)
    assert said_with == said
    earlier = background.chance(query, len(library)).confidence(found)
    assert earlier == said, "an encoder of an earlier version"


def test_whatever_was_asked_before_chance_is_the_same(shared: SharedDirection) -> None:
    """What a query was compared with is kept for the next one, which may be another."""
    library, query = shared.library(600), shared.text(1)
    texts, others = shared.meaningless(), shared.meaningless()
    asked = (
        asks_without_meaning(texts, query),
        asks_without_meaning(texts.copy(), query),
        asks_without_meaning(texts, query, shared.text(5), weights=(2.0, -1.0)),
        asks_without_meaning(texts, query, shared.text(6), weights=(2.0, -1.0)),
        asks_without_meaning(texts, query, weights=(3.0,)),
        asks_without_meaning(others, query),
    )
    background = Background(library)
    for without in (*asked, *asked[::-1]):
        for photos in (600, 100_000, 50, 700):
            found = background.chance(query, photos, without_meaning=without)
            assert found == Background(library).chance(query, photos, without_meaning=without)
