"""Words for drawings: captions in several wordings, short queries, tags."""

from __future__ import annotations

import random
from collections.abc import Sequence

from photoseek.demo.scene import Figure, Scene
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS

COLOUR_WORDS: dict[str, tuple[str, ...]] = {"purple": ("purple", "violet")}
OPENINGS = ("", "", "", "", "a photo of ", "a picture of ", "an illustration of ")
UNUSUAL_PLURALS = {"sheep": "sheep", "cactus": "cacti", "potted cactus": "potted cacti"}


def plural(word: str) -> str:
    """More than one of it: car, cars; bus, buses; pony, ponies."""
    if word in UNUSUAL_PLURALS:
        return UNUSUAL_PLURALS[word]
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "ch", "sh", "x")) else "s")


def with_article(phrase: str) -> str:
    """The phrase after "a" or "an"."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def colour_words(colour: str) -> tuple[str, ...]:
    """The names of a colour, the plain one first."""
    return COLOUR_WORDS.get(colour, (colour,))


def caption_of(scene: Scene) -> str:
    """The plain caption with every attribute: "A red car on a beach at night"."""
    named = [with_article(f"{figure.colour} {figure.subject}") for figure in scene.figures]
    caption = f"{' and '.join(named)} {PLACES[scene.place].words[0]} {MOODS[scene.time].words[0]}"
    return caption[0].upper() + caption[1:]


def tags_of(scene: Scene) -> list[str]:
    """Tags without repetition, one for one thing: subjects, colours, place, time."""
    tags: list[str] = []
    for figure in scene.figures:
        tags += [figure.subject, figure.colour]
    tags += [PLACES[scene.place].tags[0], MOODS[scene.time].tags[0]]
    return list(dict.fromkeys(tags))


def words_of(scene: Scene) -> set[str]:
    """What a scene may be called by, with all other names of what is on it."""
    words = {*PLACES[scene.place].tags, *MOODS[scene.time].tags}
    for figure in scene.figures:
        words |= {*SUBJECTS[figure.subject].words, figure.colour}
    return words


def full_caption(scene: Scene, rng: random.Random) -> str:
    """A caption with every attribute in a random wording."""
    who, where, when = _figures(scene, rng), _place(scene, rng), _time(scene, rng)
    mood, spot = rng.choice(MOODS[scene.time].tags), rng.choice(PLACES[scene.place].tags)
    kind = rng.random()
    if kind < 0.12:
        return f"{who}, {spot}, {mood}"
    if kind < 0.2:
        return f"{mood} {spot} with {who}"
    parts = [where, when] if rng.random() < 0.65 else [when, where]
    return f"{rng.choice(OPENINGS)}{who} {' '.join(parts)}"


def short_caption(scene: Scene, rng: random.Random) -> str:
    """A caption that leaves something out, as a person who searches would."""
    figure = rng.choice(scene.figures)
    one, two = _figure(figure, rng), _word(figure.subject, rng)
    where, when = _place(scene, rng), _time(scene, rng)
    mood, spot = rng.choice(MOODS[scene.time].tags), rng.choice(PLACES[scene.place].tags)
    colour = rng.choice(colour_words(figure.colour))
    choices: tuple[tuple[float, str], ...] = (
        (4.0, one), (3.0, f"{one} {when}"), (3.0, f"{one} {where}"), (2.0, f"{two} {where}"),
        (2.0, f"{two} {when}"), (1.0, f"{two} {where} {when}"), (1.5, f"{mood} {spot}"),
        (1.0, f"{where} {when}"), (1.0, two), (0.6, plural(two)), (0.6, colour), (0.7, spot),
        (0.7, mood), (0.4, where), (0.4, when),
    )  # fmt: skip
    if len(scene.figures) == 2 and rng.random() < 0.6:
        return _both(scene.figures, rng)
    text = rng.choices([text for _, text in choices], [weight for weight, _ in choices])[0]
    return f"{rng.choice(OPENINGS)}{text}"


def subject_wordings(name: str) -> list[str]:
    """Short ways to ask for a subject."""
    wordings: list[str] = []
    for word in SUBJECTS[name].words:
        wordings += [word, with_article(word), f"a photo of {with_article(word)}", plural(word)]
    return wordings


def colour_wordings(name: str) -> list[str]:
    """Short ways to ask for a colour."""
    return [
        text
        for word in colour_words(name)
        for text in (word, f"something {word}", f"a {word} thing")
    ]


def figure_wordings(subject: str, colour: str) -> list[str]:
    """Short ways to ask for a subject in a colour."""
    phrases = [f"{c} {word}" for word in SUBJECTS[subject].words for c in colour_words(colour)]
    return [text for phrase in phrases for text in (phrase, with_article(phrase))]


def place_wordings(name: str) -> list[str]:
    """Short ways to ask for a place."""
    return [*PLACES[name].words, *PLACES[name].tags, f"a photo of {PLACES[name].tags[0]}"]


def time_wordings(name: str) -> list[str]:
    """Short ways to ask for a time of day or a weather."""
    return [*MOODS[name].words, *MOODS[name].tags, f"a photo of {MOODS[name].tags[0]}"]


def _word(subject: str, rng: random.Random) -> str:
    words = SUBJECTS[subject].words
    return words[0] if rng.random() < 0.5 else rng.choice(words)


def _figure(figure: Figure, rng: random.Random) -> str:
    phrase = f"{rng.choice(colour_words(figure.colour))} {_word(figure.subject, rng)}"
    return with_article(phrase) if rng.random() < 0.6 else phrase


def _figures(scene: Scene, rng: random.Random) -> str:
    named = [_figure(figure, rng) for figure in scene.figures]
    rng.shuffle(named)
    return rng.choice((" and ", " and ", " with ", " next to ")).join(named)


def _both(figures: Sequence[Figure], rng: random.Random) -> str:
    words = [_word(figure.subject, rng) for figure in figures]
    rng.shuffle(words)
    if rng.random() < 0.6:
        words = [with_article(word) for word in words]
    lead = rng.choice(("", "", "", "two subjects: ", "a photo of "))
    return lead + rng.choice((" and ", " and ", " next to ", " with ")).join(words)


def _place(scene: Scene, rng: random.Random) -> str:
    return rng.choice(PLACES[scene.place].words)


def _time(scene: Scene, rng: random.Random) -> str:
    return rng.choice(MOODS[scene.time].words)
