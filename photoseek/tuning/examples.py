"""The photos and captions that a model is tuned on, and which of them it never trains on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from photoseek.errors import PhotoError, SourceError
from photoseek.evaluation.copies import Looks, groups_of
from photoseek.helpers.counted import counted
from photoseek.helpers.machine import processors
from photoseek.indexing.suspects import Suspects
from photoseek.records import Photo, Skip, StoredPhoto, reason_of
from photoseek.tuning.photo_pixels import PhotoPixels

TEST_SHARE, MOST_TESTED = 1 / 3, 5_000
CHOICE_SHARE, MOST_CHOSEN_BY = 1 / 8, 2_000
LEAST = 40
"""Photos with a caption that tuning takes. With fewer nothing of it could be measured."""

_AT_ONCE = 64
_CAPTION_COLUMN = "caption"

Progress = Callable[[int], None]

Wrong = Mapping[str, tuple[str, ...]]
"""Texts with the uris of photos that somebody called wrong hits for them."""


@dataclass(frozen=True, slots=True)
class Example:
    """A photo with its captions. `key` is equal for copies of a picture, and says its part."""

    uri: str
    key: str
    captions: tuple[str, ...]
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Disjoint parts of the examples.

    A model is trained on `train`; `choice` decides when training ends and how much of it is taken;
    `test` is looked at once, at the end. `wrong` are wrong hits to train on, and `wrong_in_test`
    those for the test; a photo that is wrong for a text is in the part of its own looks.
    """

    train: tuple[Example, ...]
    choice: tuple[Example, ...]
    test: tuple[Example, ...]
    wrong: Wrong = field(default_factory=dict)
    wrong_in_test: Wrong = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """32 hex digits over all of it: equal means the same photos, captions and parts."""
        parts = (self.train, self.choice, self.test)
        told = [[(one.key, one.captions) for one in part] for part in parts]
        text = repr((told, sorted(self.wrong.items())))
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


@dataclass(slots=True)
class Gathered:
    """Examples of a source, photos that are wrong for a text, and what was left out."""

    examples: list[Example] = field(default_factory=list)
    wrong: list[Example] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)

    def licences(self) -> Counter[str]:
        """How many photos have each licence; "" where none is known."""
        return Counter(example.licence for example in self.examples)


def gather(
    source: Iterable[Photo | Skip],
    pixels: PhotoPixels,
    *,
    suspects: Suspects | None = None,
    on_progress: Progress = lambda _: None,
) -> Gathered:
    """The photos of a source that have captions and can be decoded.

    Captions are those of the source, of its further columns that begin with "caption", and where
    it has none those of the file. Copies of a picture are one photo with the captions of all. What
    cannot be used is skipped, and with `suspects` that have begun, photos at which a process died.
    """
    gathered = Gathered()
    found: list[tuple[Example, Looks]] = []
    entries = iter(source)
    with ThreadPoolExecutor(processors() + 2, "decode") as pool:
        done = 0
        while batch := list(islice(entries, _AT_ONCE)):
            gathered.skipped += [entry for entry in batch if isinstance(entry, Skip)]
            for photos in _at_once(batch, suspects, gathered.skipped):
                with _underway(photos, suspects):
                    for outcome in pool.map(lambda photo: _example(photo, pixels), photos):
                        if isinstance(outcome, Skip):
                            gathered.skipped.append(outcome)
                        else:
                            found.append(outcome)
            done += len(batch)
            on_progress(done)
    gathered.examples = _without_copies(found)
    return gathered


def split(
    examples: Sequence[Example], wrong: Sequence[Example] = (), skipped: Sequence[Skip] = ()
) -> Parts:
    """Put each photo into a part, by its key alone.

    So neither a seed nor a later photo changes what a photo is for, and a model that was tuned
    before is tested on nothing that it was trained on. Only where there are more photos than a
    test needs, some of those that were kept for it are trained on. The captions of `wrong` are
    what each photo of it is wrong for. `skipped` were left out before.

    Raises:
        SourceError: there are too few.
    """
    test = min(TEST_SHARE, MOST_TESTED / max(1, len(examples)))
    choice = test + min(CHOICE_SHARE, MOST_CHOSEN_BY / max(1, len(examples)))
    parts: tuple[list[Example], list[Example], list[Example]] = ([], [], [])
    for example in sorted(examples, key=lambda one: one.key):
        place = _place(example.key)
        parts[2 if place < test else 1 if place < choice else 0].append(example)
    if len(examples) < LEAST or not all(len(part) > 1 for part in parts):
        raise too_few_captions(len(examples), skipped)
    if not wrong and len(texts_of(examples)) == 1:
        raise SourceError(
            f"All {len(examples)} photos have the same caption, {examples[0].captions[0][:60]!r}: "
            "there is nothing to learn. Say of each photo what it shows."
        )
    untested = [one for one in wrong if _place(one.key) >= choice]
    tested = [one for one in wrong if _place(one.key) < test]
    train, chosen_by, tests = map(tuple, parts)
    return Parts(train, chosen_by, tests, _by_text(untested), _by_text(tested))


def too_few_captions(photos: int, skipped: Sequence[Skip]) -> SourceError:
    """What is said of so few photos with a caption, where others were left out."""
    return SourceError(
        f"Only {counted(photos, 'photo', 'photos')} with a caption could be used, and tuning "
        f"takes {LEAST} or more: a third of them is kept for a test. Give a manifest with a "
        f"caption column, or photos that have captions in their files.{reason_of(skipped)}"
    )


def captions_of(photo: Photo) -> tuple[str, ...]:
    """All captions of a photo, each once: the caption, and columns such as caption_de."""
    more = [
        text for name, text in photo.metadata.items() if name.lower().startswith(_CAPTION_COLUMN)
    ]
    texts = (" ".join(text.split()) for text in (photo.caption, *more))
    return tuple(dict.fromkeys(text for text in texts if text))


def _at_once(
    entries: Sequence[Photo | Skip], suspects: Suspects | None, skipped: list[Skip]
) -> list[list[Photo]]:
    """The photos that may be read at once: each alone that somebody may have died of.

    What is left out goes to `skipped`.
    """
    together: list[Photo] = []
    alone: list[list[Photo]] = []
    for photo in entries:
        if isinstance(photo, Skip):
            continue
        if suspects is not None and (reason := suspects.why_left_out(photo)):
            skipped.append(Skip(photo.uri, reason))
        elif suspects is not None and suspects.is_suspect(photo):
            alone.append([photo])
        else:
            together.append(photo)
    return [*alone, together]


@contextmanager
def _underway(photos: Sequence[Photo], suspects: Suspects | None) -> Iterator[None]:
    """Note what is read, as long as it is read."""
    if suspects is not None and photos:
        suspects.sending(photos)
    try:
        yield
    finally:  # nobody died, also where it is stopped
        if suspects is not None:
            suspects.done(photos)


def _example(photo: Photo, pixels: PhotoPixels) -> tuple[Example, Looks] | Skip:
    try:
        decoded, hash_ = pixels.look_at(photo)
    except PhotoError as error:
        return Skip(photo.uri, str(error))
    described = StoredPhoto(photo, "", 0, 0, decoded.traits).described
    captions = captions_of(replace(photo, caption=described.caption))
    if not captions:
        return Skip(photo.uri, "It has no caption.")
    phash = decoded.traits.phash
    looks = Looks(hash_, phash, decoded.width / decoded.height)
    return Example(photo.uri, phash or hash_, captions, described.licence), looks


def _without_copies(found: Sequence[tuple[Example, Looks]]) -> list[Example]:
    """The examples, where copies of a picture are one with all of their captions."""
    joined: dict[int, Example] = {}
    groups = groups_of([looks for _, looks in found])
    for (example, _), group in zip(found, groups.tolist(), strict=True):
        first = joined.setdefault(group, example)
        captions = tuple(dict.fromkeys(first.captions + example.captions))
        joined[group] = replace(first, key=min(first.key, example.key), captions=captions)
    return list(joined.values())


def _by_text(wrong: Sequence[Example]) -> Wrong:
    found: dict[str, tuple[str, ...]] = {}
    for example in wrong:
        for text in example.captions:
            found[text] = (*found.get(text, ()), example.uri)
    return found


def _place(key: str) -> float:
    """A number in [0, 1) that a key always has."""
    return int(hashlib.blake2b(key.encode(), digest_size=4).hexdigest(), 16) / 2**32


def texts_of(examples: Sequence[Example]) -> Mapping[str, list[int]]:
    """Each caption of the examples, with the places of the photos that carry it."""
    texts: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        for caption in example.captions:
            texts.setdefault(caption, []).append(place)
    return texts
