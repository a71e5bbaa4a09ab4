"""The demo library: drawings as JPEG files with a manifest."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from photoseek.demo.captions import caption_of, tags_of
from photoseek.demo.example_queries import FEATURED
from photoseek.demo.scene import Scene, draw_scene, scene_of
from photoseek.files.atomic import replacing
from photoseek.helpers.machine import processors

MANIFEST = "photos.csv"
COLUMNS = (
    "path", "id", "caption", "tags", "photographer", "licence", "source_url",
    "subject", "subject_colour", "place", "time",
)  # fmt: skip
PHOTOGRAPHER = "photoseek demo"
LICENCE = "CC0-1.0"
LIBRARY_SEED = 1_000_000
LONGEST = 960
QUALITY = 88

Progress = Callable[[int, int], None]


def library_scenes(count: int, seed: int = LIBRARY_SEED) -> list[Scene]:
    """What a library shows: random scenes, and spread among them the featured motifs.

    The drawings have the seeds from `seed` on. Training and measuring use seeds below LIBRARY_SEED.
    """
    scenes = [scene_of(one) for one in range(seed, seed + count)]
    motifs = [motif for motifs in FEATURED.values() for motif in motifs]
    step = max(1, count // len(motifs))
    for place, (figures, where, when) in zip(range(0, count, step), motifs, strict=False):
        scenes[place] = replace(scenes[place], figures=figures, place=where, time=when)
    return scenes


def jpeg_of(scene: Scene, longest: int = LONGEST, quality: int = QUALITY) -> bytes:
    """A drawing as JPEG bytes."""
    buffer = io.BytesIO()
    draw_scene(scene, longest).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_library(
    folder: Path,
    count: int = 600,
    *,
    seed: int = LIBRARY_SEED,
    longest: int = LONGEST,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Draw `count` pictures into `folder` and return the path of their manifest.

    A complete library is left as it is; a partial one is completed. Files appear under their final
    names only when whole, the manifest last. `progress` gets how many of how many exist.

    Raises:
        ValueError: `count` or `longest` is not positive.
    """
    if count < 1 or longest < 1:
        raise ValueError(f"count is {count} and longest is {longest}; both must be at least 1.")
    folder.mkdir(parents=True, exist_ok=True)
    scenes = library_scenes(count, seed)
    missing = [scene for scene in scenes if not (folder / path_of(scene)).exists()]
    done = count - len(missing)
    if progress:
        progress(done, count)
    for _ in _write_all(folder, missing, longest, workers):
        done += 1
        if progress:
            progress(done, count)
    manifest = folder / MANIFEST
    text = _manifest_text(scenes)
    if not manifest.exists() or manifest.read_text(encoding="utf-8") != text:
        write_whole(manifest, text.encode("utf-8"))
    return manifest


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; several processes may write the same one."""
    with replacing(path, part=path.with_name(f".{path.name}.{os.getpid()}.part")) as part:
        part.write_bytes(content)


def id_of(scene: Scene) -> str:
    """The identifier of a drawing in the library."""
    return f"demo-{scene.seed}"


def path_of(scene: Scene) -> str:
    """The file of a drawing, relative to the library's folder."""
    words = [figure.colour + "-" + figure.subject for figure in scene.figures]
    return f"{'-'.join([*words, scene.place, scene.time]).replace(' ', '-')}-{scene.seed}.jpg"


def row_of(scene: Scene) -> dict[str, str]:
    """The manifest's row for a drawing; the keys are COLUMNS."""
    first = scene.figures[0]
    values = (
        path_of(scene), id_of(scene), caption_of(scene), ";".join(tags_of(scene)),
        PHOTOGRAPHER, LICENCE, "", first.subject, first.colour, scene.place, scene.time,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _manifest_text(scenes: Iterable[Scene]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row_of(scene) for scene in scenes)
    return buffer.getvalue()


def _write_one(scene: Scene, folder: Path, longest: int) -> None:
    write_whole(folder / path_of(scene), jpeg_of(scene, longest))


def _write_all(
    folder: Path, scenes: list[Scene], longest: int, workers: int | None
) -> Iterator[None]:
    write = partial(_write_one, folder=folder, longest=longest)
    workers = min(workers or processors(), max(1, len(scenes) // 8))
    if workers == 1:
        yield from map(write, scenes)
        return
    # Spawned, because forking a process that runs threads (torch, gRPC) can deadlock.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_ctrl_c) as pool:
        with _ctrl_c_ignored():
            written = pool.map(write, scenes, chunksize=4)
        yield from written


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Inside, processes are started that Ctrl-C leaves alone: it reaches all of a terminal's, and
    this one ends the others when they have written what they draw.
    """
    if threading.current_thread() is not threading.main_thread():  # where no signal can be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _ignore_ctrl_c() -> None:
    """For Windows, where processes do not take it over from the one that starts them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
