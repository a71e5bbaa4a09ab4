"""Are suggested keywords right? Drawings say what they show.

`python -m bench.keywords`: a library of 2,000 drawings without a third of the subjects is asked
for all subjects, colours, places and times by their names, and for the usual labels that no drawing
shows.
Once nobody has said anything of the drawings, and once half of them have captions; what is counted
are the others.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.confidence import ABSENT, drawn, subjects_of, vectors_of
from photoseek.demo.captions import caption_of, colour_words
from photoseek.demo.colours import COLOURS
from photoseek.demo.library import LIBRARY_SEED
from photoseek.demo.scene import Scene, scene_of
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS
from photoseek.model import load_model
from photoseek.records import EncodedPhoto, ModelIdentity, Photo, content_hash
from photoseek.store import MemoryStore
from photoseek.tagging.label_lines import Label, LabelList, read_labels
from photoseek.tagging.suggesting import Suggester, label_vectors

DRAWINGS = 2_000
MOST = 10


def shown_by(scene: Scene) -> set[str]:
    place, time = PLACES[scene.place].words[0], MOODS[scene.time].words[0]
    return {*subjects_of(scene), *(figure.colour for figure in scene.figures), place, time}


def labels() -> tuple[LabelList, set[str], set[str]]:
    """All labels, the names of subjects, and the names of what no drawing shows."""
    named = [Label(name, (name, *subject.words)) for name, subject in SUBJECTS.items()]
    named += [Label(colour, colour_words(colour)) for colour in COLOURS]
    named += [Label(place.words[0], place.words) for place in PLACES.values()]
    named += [Label(mood.words[0], mood.words) for mood in MOODS.values()]
    named_by = [label for label in named if label.name not in COLOURS]  # "black and white" is none
    words = {word for label in named_by for name in label.names for word in name.lower().split()}
    words |= {word for name in (*PLACES, *MOODS) for word in name.lower().split()}
    others = [
        label
        for label in read_labels(None).labels
        if label.name not in COLOURS
        and not words & {word for name in label.names for word in name.lower().split()}
    ]
    flat = [replace(label, path=()) for label in others]
    names = {label.name for label in flat}
    return LabelList((*named, *flat)), set(SUBJECTS), names


def library(
    scenes: list[Scene], vectors: NDArray[np.float32], model: ModelIdentity, described: int
) -> MemoryStore:
    store = MemoryStore(model)
    photos = []
    for number, (scene, vector) in enumerate(zip(scenes, vectors, strict=True)):
        caption = caption_of(scene) if number < described else ""
        photo = Photo(f"p{number:05}", f"/{number}.jpg", "1", caption)
        hash_ = content_hash(str(number).encode())
        photos.append(EncodedPhoto(photo, hash_, 384, 256, vector, b""))
    store.upsert(photos)
    return store


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.keywords", description=__doc__)
    parser.add_argument("--model", default="demo", help="one that knows the demo's drawings")
    parser.add_argument("--cache", type=Path, help="folder where drawings are kept")
    asked = parser.parse_args()
    model = load_model(asked.model)
    scenes = (scene for scene in map(scene_of, count(LIBRARY_SEED)))
    kept = list(islice((s for s in scenes if not subjects_of(s) & ABSENT), DRAWINGS))
    vectors = vectors_of(model, drawn(model, kept, asked.cache))
    given, subjects, others = labels()
    all_names = {label.name for label in given.labels}
    directions = label_vectors(given, model.encode_texts)
    print("| thresholds | labels | precision | recall | wrong, a photo |")
    print("| --- | --- | ---: | ---: | ---: |")
    for what, described in (("by the spread", 0), ("by captions of half", DRAWINGS // 2)):
        store = library(kept, vectors, model.identity, described)
        suggester = Suggester(store, given, directions, precision=0.8)
        found = {
            each.stored.photo.id: set(each.names)
            for part in suggester.through(store, (), MOST, lambda _: None)
            for each in part
        }
        rest = range(DRAWINGS // 2, DRAWINGS)
        pairs = [(found[f"p{number:05}"], shown_by(kept[number])) for number in rest]
        for name, some in {
            "subjects": subjects,
            "colours": set(COLOURS),
            "places and times": all_names - subjects - others - set(COLOURS),
            "that no drawing shows": others,
        }.items():
            got = sum(len(one & some) for one, _ in pairs)
            right = sum(len(one & some & true) for one, true in pairs)
            there = sum(len(true & some) for _, true in pairs)
            precision = f"{right / got:.3f}" if got else "-"
            recall = f"{right / there:.3f}" if there else "-"
            wrong = (got - right) / len(pairs)
            print(f"| {what} | {name} ({len(some)}) | {precision} | {recall} | {wrong:.3f} |")


if __name__ == "__main__":
    main()
