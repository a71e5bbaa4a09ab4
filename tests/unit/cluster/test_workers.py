"""Encoders of a cluster are begun where there is room, lent out, and replaced when lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from photoseek.cluster.work_order import Partition, WorkOrder, order_for
from photoseek.cluster.workers import AT_ONCE, FAILED_STARTS, LostWorkerError, Workers
from photoseek.errors import ServiceError, UnknownModelError
from photoseek.records import EncodedPhoto, Photo
from photoseek.settings import load_settings
from tests.support.pictures import drawing, saved
from tests.support.ray_in_process import RayInProcess
from tests.support.waiting import PATIENCE, wait_until

VERSION = "1.2"


@pytest.fixture
def order(tmp_path: Path) -> WorkOrder:
    return order_for(load_settings(index=str(tmp_path / "index"), model="demo", batch_size=2))


@pytest.fixture
def partition(tmp_path: Path) -> Partition:
    photos = []
    for width in range(64, 69):
        path = tmp_path / f"{width}.jpg"
        path.write_bytes(saved(drawing(width), "JPEG"))
        photos.append(Photo(path.stem, str(path), "1"))
    (tmp_path / "66.jpg").write_bytes(b"no photo")
    return Partition(tuple(photos), ("",) * 5, ("thumbnail",) * 5)


@contextmanager
def working(ray: RayInProcess, order: WorkOrder, patience: float = 60) -> Iterator[Workers]:
    workers = Workers(ray, order, VERSION, patience=patience, look_every=0.02)
    workers.begin()
    try:
        yield workers
    finally:
        workers.end()


def test_a_partition_is_encoded_as_by_any_other_run(order: WorkOrder, partition: Partition) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers:
        encoded = workers.index(partition)
    outcomes = [each.outcome for each in encoded.outcomes]
    assert outcomes == ["indexed", "indexed", "skipped", "indexed", "indexed"]
    assert [photo.width for photo in encoded.photos] == [64, 65, 67, 68]
    assert all(isinstance(photo, EncodedPhoto) and photo.thumbnail for photo in encoded.photos)
    assert encoded.model.name == "demo"
    assert all(actor.dead.is_set() for actor in ray.actors)


def test_all_room_is_used_also_on_a_machine_that_comes_later(order: WorkOrder) -> None:
    ray = RayInProcess({"CPU": 8.0}, {"CPU": 4.0, "GPU": 1.0})
    with working(ray, order):
        assert sorted(actor.node for actor in ray.actors) == ["node0", "node0", "node1"]
        ray.machines["node2"] = {"CPU": 2.0}
        wait_until(lambda: len(ray.actors) == 4, "an encoder on the new machine")
        assert ray.actors[-1].node == "node2"


def test_a_worker_that_is_lost_is_told_and_replaced(order: WorkOrder, partition: Partition) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers:
        workers.index(partition)
        ray.actors[0].dead.set()
        with pytest.raises(LostWorkerError):
            workers.index(partition)
        assert len(workers.index(partition).photos) == 4
        assert len(ray.actors) == 2


def test_who_wants_a_worker_alone_waits_until_it_has_nothing_else(order: WorkOrder) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers, ThreadPoolExecutor(1) as pool:
        with ExitStack() as lent:
            for _ in range(AT_ONCE):
                lent.enter_context(workers._lent(1))
            waits = threading.Event()

            def alone() -> None:
                waits.set()
                with workers._lent(AT_ONCE) as worker:
                    assert worker.load == AT_ONCE

            waiting = pool.submit(alone)
            assert waits.wait(PATIENCE)
            assert not waiting.done()
        waiting.result(PATIENCE)


def test_a_model_that_no_machine_can_load_is_said(tmp_path: Path, partition: Partition) -> None:
    settings = load_settings(index=str(tmp_path / "index"), model="no-such-model")
    ray = RayInProcess({"CPU": 1.0})
    with (
        working(ray, order_for(settings)) as workers,
        pytest.raises(UnknownModelError, match="no-such-model"),
    ):
        workers.index(partition)


def test_a_machine_on_which_nothing_starts_is_left_alone(order: WorkOrder) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers:
        for number in range(FAILED_STARTS):
            wait_until(lambda n=number: len(ray.actors) > n, "a start")  # type: ignore[misc]
            ray.actors[number].dead.set()
        wait_until(lambda: workers._failed["node0"] == FAILED_STARTS, "all attempts")
        with pytest.raises(ServiceError, match="An encoder on node0 failed: The actor died"):
            workers.index(Partition((), (), ()))
        assert len(ray.actors) == FAILED_STARTS


def test_a_machine_that_comes_later_with_another_photoseek_is_left_alone(order: WorkOrder) -> None:
    found = [VERSION]
    ray = RayInProcess({"CPU": 1.0}, answers=lambda: (found[0], "3.12.1"))
    with working(ray, order) as workers:
        found[0] = "0.9"
        ray.machines["node1"] = {"CPU": 1.0}
        wait_until(lambda: workers._failed["node1"] == FAILED_STARTS, "the look at it")
        workers._fill()
        assert [actor.node for actor in ray.actors] == ["node0"]


def test_a_cluster_without_room_is_said_in_time(order: WorkOrder, partition: Partition) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order, patience=0.05) as workers:

        def can_work() -> bool:  # a worker may take longer to begin on a busy machine
            with suppress(ServiceError):
                workers.index(partition)
                return True
            return False

        wait_until(can_work, "a worker that has begun")
        ray.machines.clear()
        ray.actors[0].dead.set()
        with pytest.raises(LostWorkerError):
            workers.index(partition)
        with pytest.raises(ServiceError, match="has begun to encode within"):
            workers.index(partition)


def test_a_cluster_without_a_processor_is_said_at_once(order: WorkOrder) -> None:
    with pytest.raises(ServiceError, match="no machine with a processor"):
        Workers(RayInProcess({"memory": 1.0}), order, VERSION).begin()


def test_a_cluster_without_its_head_gets_nothing_more_to_do(
    order: WorkOrder, partition: Partition
) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers:
        workers.index(partition)
        assert not workers.are_lost
        workers.give_up("10.0.0.7:6379")
        with pytest.raises(ServiceError, match="its head at 10.0.0.7:6379 does not answer"):
            workers.index(partition)
        assert workers.are_lost


def test_a_cluster_that_is_gone_is_no_lost_worker(order: WorkOrder, partition: Partition) -> None:
    ray = RayInProcess({"CPU": 1.0})
    with working(ray, order) as workers:
        workers.index(partition)
        ray.connected = False
        ray.actors[0].dead.set()
        with pytest.raises(ServiceError, match="The Ray cluster is gone"):
            workers.index(partition)
