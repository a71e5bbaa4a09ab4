"""Which threads torch computes in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from photoseek.helpers import giving_way
from photoseek.helpers.batching import Embeddings
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.pausing import MAY_ASK_AGAIN, Pauses
from photoseek.model import load_model
from photoseek.model.compute_threads import ComputeThreads
from photoseek.model.devices import Kind, keep_to_share
from photoseek.records import Pixels
from tests.support.models import save_model
from tests.support.waiting import wait_until


def pictures(count: int) -> list[Pixels]:
    return [np.full((2, 2, 3), number, np.uint8) for number in range(count)]


class Noted:
    """Takes the first number of each picture for its vector, and notes who computes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.threads: set[int] = set()
        self.computes_in: set[int] = set()

    def __call__(self, batch: Sequence[Pixels]) -> Embeddings:
        self.sizes.append(len(batch))
        self.threads.add(threading.get_ident())
        self.computes_in.add(torch.get_num_threads())
        return np.array([[picture[0, 0, 0]] for picture in batch], np.float32)


@pytest.mark.parametrize(
    ("count", "sizes", "computes_in"),
    [(1, [1], 4), (7, [7], 4), (8, [4, 4], 2), (16, [4] * 4, 1), (33, [6, 9, 9, 9], 1)],
)
def test_photos_are_divided_among_processors(
    count: int, sizes: list[int], computes_in: int
) -> None:
    noted = Noted()
    try:
        vectors = ComputeThreads(4, divides=True).for_photos(noted, pictures(count))
    finally:
        torch.set_num_threads(keep_to_share())
    assert vectors[:, 0].tolist() == list(range(count))
    assert sorted(noted.sizes) == sizes
    assert noted.computes_in == {computes_in}


def test_photos_take_small_steps_only_as_long_as_texts_may_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    pauses = Pauses(clock=lambda: now[0])
    monkeypatch.setattr(giving_way, "PAUSES", pauses)
    threads = ComputeThreads(1, divides=True)

    def steps(*, gives_way: bool) -> list[int]:
        noted = Noted()
        encode = partial(threads.for_photos, noted, pictures(16))
        vectors = in_background(encode, "tower", gives_way=gives_way).result()
        assert vectors[:, 0].tolist() == list(range(16))
        return noted.sizes

    try:
        assert steps(gives_way=True) == [16]
        with pauses.asked():
            pass
        now[0] += MAY_ASK_AGAIN / 2
        assert steps(gives_way=True) == [4] * 4
        assert steps(gives_way=False) == [16]
        now[0] += MAY_ASK_AGAIN
        assert steps(gives_way=True) == [16]
    finally:
        torch.set_num_threads(keep_to_share())


def test_a_gpu_gets_a_batch_whole() -> None:
    noted = Noted()
    ComputeThreads(keep_to_share(), divides=False).for_photos(noted, pictures(32))
    assert noted.sizes == [32]


def test_whoever_asks_texts_are_encoded_in_one_thread_without_helpers() -> None:
    threads, noted = ComputeThreads(keep_to_share(), divides=True), Noted()
    with ThreadPoolExecutor(4) as askers:
        for _ in range(8):
            askers.submit(threads.for_texts, lambda: noted(pictures(1))).result()
        threads.for_photos(Noted(), pictures(32))
        askers.submit(threads.for_texts, lambda: noted(pictures(1))).result()
    assert len(noted.threads) == 1
    assert noted.computes_in == {1}


def test_what_goes_wrong_in_a_part_is_raised() -> None:
    def fails(batch: Sequence[Pixels]) -> Embeddings:
        raise ValueError(f"{len(batch)} are too many")

    with pytest.raises(ValueError, match="are too many"):
        ComputeThreads(keep_to_share(), divides=True).for_photos(fails, pictures(32))


def test_a_model_is_loaded_in_a_thread_that_ends(tmp_path: Path) -> None:
    """Or its helpers would be there for as long as who loaded it, and those of texts would sleep
    between two steps.
    """
    loads_in: list[threading.Thread] = []

    def precisions() -> Sequence[str]:
        loads_in.append(threading.current_thread())
        return ["fp32"]

    load_model(save_model(tmp_path), kinds=[Kind("cpu", lambda: 1, precisions)])
    wait_until(lambda: not any(each.is_alive() for each in loads_in), "the thread ends")
    assert loads_in
