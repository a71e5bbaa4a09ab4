"""Kills `photoseek reindex` again and again, while others search, add, describe and delete.

`python -m tests.support.killed_reindex --kills 20 --store s3` does so twenty times in a bucket, a
test a few times in a folder. With `--elsewhere` another machine reindexes than writes and searches.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from photoseek import PhotoSearch
from photoseek.files.filestore import open_files
from photoseek.indexing.building import build_encoder
from photoseek.records import EncodedPhoto, Photo
from photoseek.settings import load_settings
from photoseek.store import canonical, open_store, peek_model
from photoseek.store.blob_place import BlobPlace
from photoseek.store.elastic import engine_holds
from photoseek.store.hold_notes import HoldNotes
from photoseek.store.lance.place_tables import read_tables
from photoseek.store.registry import is_in_engine
from tests.servers.milvus import running_milvus
from tests.servers.search_engines import ENGINES, free_name, running_search_engine
from tests.support.other_models import DEMO, other_model
from tests.support.s3 import ENVIRONMENT, make_bucket, running_s3
from tests.support.terminal import command, kill_family
from tests.support.zygote import Forked

MOST_RUNS = 400
STORES = ("folder", "s3", "milvus", *ENGINES)


def picture(number: int, side: int = 256) -> bytes:
    """A photo that no other one is like."""
    shape = (side, side, 3)
    pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).resize(shape[:2]).save(data, "JPEG")
    return data.getvalue()


@dataclass
class Library:
    """What an index has to hold, whatever is killed; written to by a thread all the time."""

    location: str
    folder: Path
    search: PhotoSearch
    photos: dict[str, Photo] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    searches: int = 0
    writes: int = 0
    _next: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def add(self, count: int) -> None:
        """Index some more photos."""
        photos = []
        for _ in range(count):
            path = self.folder / f"{self._next:05}.jpg"
            path.write_bytes(picture(self._next))
            photos.append(Photo(f"p{self._next:05}", str(path), "1", caption=f"n{self._next}"))
            self._next += 1
        outcomes = self.search.index_batch(photos, [""] * count)
        assert all(each.outcome == "indexed" for each in outcomes), outcomes
        self.photos |= {photo.id: photo for photo in photos}

    def change(self, chance: random.Random) -> None:
        """Add, describe or delete."""
        act = chance.choice(["add", "describe", "delete"])
        if act == "add":
            self.add(1)
        else:
            photo_id = chance.choice(sorted(self.photos))
            photo = self.photos[photo_id]
            if act == "delete":
                assert self.search.delete([photo_id]) == 1
                del self.photos[photo_id]
            else:
                new = replace(photo, caption=f"{photo.caption} again", version=f"{self.writes}")
                known = self.search.known([photo_id])[photo_id].content_hash
                [outcome] = self.search.index_batch([new], [known])
                assert outcome.outcome == "updated", outcome
                self.photos[photo_id] = new
        self.writes += 1

    def keep_busy(self, seed: int) -> Callable[[], None]:
        """Write and search in threads; gives what ends that."""
        chance = random.Random(seed)

        def write() -> None:
            while not self._stop.wait(chance.uniform(0.0, 0.1)):
                self._guarded(lambda: self.change(chance))

        def ask() -> None:
            while not self._stop.wait(0.02):
                self._guarded(self._ask)

        self._stop.clear()
        threads = [threading.Thread(target=work) for work in (write, ask)]
        for thread in threads:
            thread.start()

        def end() -> None:
            self._stop.set()
            for thread in threads:
                thread.join()

        return end

    def _ask(self) -> None:
        found = self.search.search("red car", top_k=3)
        assert len(found.hits) == 3, found
        self.searches += 1

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # told at the end: none may fail
            self.errors.append(f"{type(error).__name__}: {error}\n{traceback.format_exc()}")

    def check(self) -> list[str]:
        """What is wrong with the index, if anything is."""
        store = open_store(self.location)
        ids = [photo_id for page in store.ids() for photo_id in page]
        wrong = [] if len(ids) == len(set(ids)) else ["photos are doubled"]
        if lost := self.photos.keys() - set(ids):
            wrong.append(f"lost: {sorted(lost)[:3]} of {len(lost)}")
        if more := set(ids) - self.photos.keys():
            wrong.append(f"not deleted: {sorted(more)[:3]} of {len(more)}")
        stored = store.encoded(ids)
        if others := [i for i in ids if i in self.photos and stored[i].photo != self.photos[i]]:
            wrong.append(f"described otherwise: {others[:3]} of {len(others)}")
        without = [i for i in ids if store.blobs.thumbnails.get(stored[i].content_hash) is None]
        if without:
            wrong.append(f"without a thumbnail: {without[:3]}")
        wrong += self._wrong_vectors({i: stored[i].vector for i in ids if i in self.photos})
        return wrong + self.errors

    def _wrong_vectors(self, vectors: dict[str, np.ndarray]) -> list[str]:
        """Those that are not what the model of the index makes of the photo's file."""
        model = peek_model(self.location)
        assert model is not None
        encoder = build_encoder(load_settings(model=model.name), roots=None, on_demand=True)
        photos = [self.photos[photo_id] for photo_id in vectors]
        made = encoder.encode(photos, [""] * len(photos), ["none"] * len(photos))
        encoder.close()
        right = {each.photo.id: each.vector for each in made if isinstance(each, EncodedPhoto)}
        wrong = [
            photo_id
            for photo_id, vector in vectors.items()
            if photo_id not in right or float(right[photo_id] @ vector) < 0.999
        ]
        return [f"not encoded by {model.name}: {wrong[:3]} of {len(wrong)}"] if wrong else []


@dataclass
class Result:
    """What a run of kills has found."""

    kills: int = 0
    switches: int = 0
    held: int = 0
    """Kills at a moment when writers were held up."""

    wrong: list[str] = field(default_factory=list)


@contextmanager
def index_in(store: str, folder: Path) -> Iterator[str]:
    """Where an index can be made, in a folder or on a server that is started where none runs.

    The environment then says where thumbnails and notes lie.
    """
    with ExitStack() as stack:
        os.environ |= {f"PHOTOSEEK_{each}": str(folder / each) for each in ("BLOBS", "STATE")}
        if store in ENGINES:
            url = stack.enter_context(running_search_engine(store))
            yield stack.enter_context(free_name(store, url))
        elif store == "milvus":
            (folder / "milvus").mkdir()
            yield f"milvus://{stack.enter_context(running_milvus(store, folder / store))}/killed"
        elif store == "s3":
            del os.environ["PHOTOSEEK_STATE"]
            url = stack.enter_context(running_s3())
            os.environ |= {**ENVIRONMENT, "AWS_ENDPOINT_URL": url}
            make_bucket(url, "killed")
            yield "s3://killed/index"
        else:
            del os.environ["PHOTOSEEK_STATE"]
            yield str(folder / "index")


def held_until(location: str) -> float:
    """Until which second of the epoch those who write to an index wait."""
    if not is_in_engine(location):
        return read_tables(open_files(location)).held_until
    server, _, name = canonical(location).rpartition("/")
    if server.startswith("milvus"):
        place = BlobPlace(server, load_settings().blobs)
        return HoldNotes(place.folder("reindexes"), name).read().held_until
    url = server.partition("+")[2]
    [(index, about)] = httpx.get(f"{url}/{name}/_alias").raise_for_status().json().items()
    return engine_holds.held_until(index, about["aliases"])


def on_another_machine(folder: Path, program: Sequence[str]) -> list[str]:
    """A command that runs a program under another name of the machine, with other own folders."""
    own = [f"{name}={folder / name}" for name in ("HOME", "XDG_STATE_HOME", "TMPDIR")]
    for each in own:
        Path(each.partition("=")[2]).mkdir(parents=True, exist_ok=True)
    renamed = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh"]
    return [*renamed, "env", *own, *program]


def killed(
    library: Library,
    names: Sequence[str],
    kills: int,
    seed: int,
    longest: float,
    elsewhere: Path | None = None,
) -> Result:
    """Have the index made again with one model after the other, each run killed or not.

    Each third kill waits for the moment in which writers are held up, or the run is over.
    """
    result, chance = Result(), random.Random(seed)
    for number in range(MOST_RUNS):
        model = peek_model(library.location)
        assert model is not None
        name = next(each for each in names if each != model.name)
        last = result.kills >= kills
        program = command("reindex", "--index", library.location, "--model", name)
        if elsewhere:
            program = on_another_machine(elsewhere, program)
        starting = subprocess.Popen if elsewhere else Forked
        process = starting(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not last:
            at_hold = number % 3 == 2
            end = time.monotonic() + (60 if at_hold else chance.uniform(0.3, longest))
            while process.poll() is None and time.monotonic() < end:
                if at_hold and held_until(library.location) > time.time():
                    result.held += 1
                    break
                time.sleep(0.002 if at_hold else 0.02)
        is_killed = not last and process.poll() is None
        if is_killed:
            kill_family(process.pid)  # else the process that reindexes ends in good order
            result.kills += 1
        output, _ = process.communicate()
        if not is_killed and process.returncode == 0:
            result.switches += 1
        elif not is_killed:
            result.wrong.append(f"a run ended with {process.returncode}: {output[-500:]}")
        if last:
            return result
    raise AssertionError(f"{result.kills} kills in {MOST_RUNS} runs")


def tried(
    folder: Path,
    location: str,
    *,
    photos: int,
    kills: int,
    seed: int,
    longest: float,
    elsewhere: bool = False,
) -> tuple[Library, Result]:
    """A library whose photos lie in a folder, and what became of it."""
    names = [DEMO, other_model(folder / "model")]
    (folder / "photos").mkdir()
    with PhotoSearch.open(location, model=DEMO) as search:
        library = Library(location, folder / "photos", search)
        library.add(photos)
        end = library.keep_busy(seed)
        try:
            other = folder / "elsewhere" if elsewhere else None
            result = killed(library, names, kills, seed, longest, other)
        finally:
            end()
        result.wrong += library.check()
    return library, result


def main() -> int:
    """Try it, and print what was found; 1 where anything is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--photos", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--longest", type=float, default=8.0)
    parser.add_argument("--store", choices=STORES, default="folder")
    parser.add_argument("--elsewhere", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        index_in(options.store, Path(folder)) as location,
    ):
        library, result = tried(
            Path(folder),
            location,
            photos=options.photos,
            kills=options.kills,
            seed=options.seed,
            longest=options.longest,
            elsewhere=options.elsewhere,
        )
    print(
        f"{options.store}, seed {options.seed}: {result.kills} kills, {result.held} of them while "
        "writers waited; "
        f"{result.switches} switches; {library.writes} writes and {library.searches} searches "
        f"meanwhile; {len(library.photos)} photos at the end; wrong: {result.wrong or 'nothing'}"
    )
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
