"""The encoders of a cluster: begun where there is room, lent to one caller after the other, and
begun again where one was lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from photoseek.cluster.machines import Machine, check_versions, first_line, machines_of, on_machine
from photoseek.cluster.remote_encoder import RemoteEncoder
from photoseek.cluster.work_order import Encoded, Partition, WorkOrder
from photoseek.errors import PhotoseekError, ServiceError
from photoseek.helpers.deadlines import in_background
from photoseek.identity import same_vectors

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Partitions that one worker has at the same time: one in the model, one being decoded."""

PATIENCE = 180.0
"""Seconds without any worker, until a run gives up: a machine may be starting."""

LOOK_EVERY = 10.0
"""Seconds between two looks for machines that are new, or back."""

FAILED_STARTS = 3
"""Starts in a row that fail on a machine until it is left alone."""


class LostWorkerError(Exception):
    """A worker was lost while it had a partition; somebody else may do it."""


@dataclass(slots=True, eq=False)
class _Worker:
    machine: Machine
    actor: Any
    is_ready: bool = False
    load: int = 0


class Workers:
    """All encoders of one run. May be used by many threads."""

    def __init__(
        self,
        ray: Any,
        order: WorkOrder,
        version: str,
        *,
        order_now: Callable[[], WorkOrder] | None = None,
        patience: float = PATIENCE,
        look_every: float = LOOK_EVERY,
    ) -> None:
        """`ray` is the module, connected to a cluster; `version` is the one of this photoseek.

        `order_now` gives the order that suits the index by now, where it may get another model.
        """
        self._ray = ray
        self._order = order
        self._order_now = order_now
        self._patience = patience
        self._look_every = look_every
        self._version = version
        self._changed = threading.Condition()
        self._workers: list[_Worker] = []
        self._failed: Counter[str] = Counter()
        self._problem: Exception | None = None
        self._checked: set[str] = set()
        self._is_hopeless = False
        self._gone: ServiceError | None = None
        self._wakes = threading.Event()
        self._is_over = False

    def begin(self) -> int:
        """Begin encoders on all machines, and go on doing so on those that come.

        Returns how many there are at first.

        Raises:
            ServiceError: there is no machine for one, or another photoseek on one of them.
        """
        machines = machines_of(self._ray)
        if not machines:
            raise ServiceError("The Ray cluster has no machine with a processor to give away.")
        check_versions(self._ray, machines, self._version)
        self._checked = {machine.id for machine in machines}
        self._fill()
        in_background(self._watch, "machines")
        return len(self._workers)

    def end(self) -> None:
        """Let all encoders go."""
        self._is_over = True
        self._wakes.set()
        with self._changed:
            workers, self._workers = self._workers, []
        for worker in workers:
            self._kill(worker)

    def follow(self) -> None:
        """Have others encode, with the model that the index has by now, where these have another.

        Raises:
            StoreError: the index does not tell.
        """
        if self._order_now is None:
            return
        order = self._order_now()
        with self._changed:
            made_with, before = order.made_with, self._order.made_with
            if made_with is None or (before and same_vectors(made_with, before)):
                return  # another thread was here
            self._order = order
            workers, self._workers = self._workers, []
        for worker in workers:
            self._kill(worker)
        self._wakes.set()

    def give_up(self, head: str) -> None:
        """Begin nothing more, as the cluster has lost its head, which was at that address."""
        with self._changed:
            self._gone = ServiceError(
                f"The Ray cluster is gone: its head at {head} does not answer any more. What is "
                "stored stays. Start the cluster again; the same command goes on from there."
            )
            self._changed.notify_all()

    @property
    def are_lost(self) -> bool:
        """Whether the cluster has lost its head: then nothing of it can be asked or let go."""
        return self._gone is not None

    def index(self, partition: Partition, *, alone: bool = False) -> Encoded:
        """Have a partition encoded, `alone` by a worker that does nothing else meanwhile.

        Raises:
            LostWorkerError: the worker was lost meanwhile.
            PhotoseekError: it cannot be done, by nobody.
        """
        with self._lent(AT_ONCE if alone else 1) as worker:
            try:
                encoded: Encoded = worker.actor.index.remote(partition).future().result()
            except self._ray.exceptions.RayTaskError as error:
                raise _own(error, worker.machine) from error
            except (self._ray.exceptions.RayError, ConnectionError) as error:
                if not self._ray.is_initialized():
                    raise _lost_cluster(error) from error
                _log.info("Lost a worker on %s: %s", worker.machine.host, first_line(error))
                self._lose(worker)
                raise LostWorkerError from error
        return encoded

    @contextmanager
    def _lent(self, share: int) -> Iterator[_Worker]:
        worker = self._lend(share)
        try:
            yield worker
        finally:
            with self._changed:
                worker.load -= share
                self._changed.notify_all()

    def _lend(self, share: int) -> _Worker:
        with self._changed:
            until = time.monotonic() + self._patience
            while True:
                if self._gone is not None:
                    raise self._gone
                ready = [worker for worker in self._workers if worker.is_ready]
                free = [worker for worker in ready if worker.load + share <= AT_ONCE]
                if free:
                    least = min(free, key=lambda worker: worker.load)
                    least.load += share
                    return least
                if ready:
                    until = time.monotonic() + self._patience
                elif time.monotonic() >= until or (self._is_hopeless and not self._workers):
                    raise self._nobody()
                self._changed.wait(1.0)

    def _nobody(self) -> Exception:
        """Why nobody can do anything."""
        return self._problem or ServiceError(
            f"No machine of the Ray cluster has begun to encode within {self._patience:.0f} s. "
            "`ray status` shows whether others have all of its processors."
        )

    def _watch(self) -> None:
        while not self._is_over:
            self._wakes.wait(self._look_every)
            self._wakes.clear()
            with suppress(Exception):  # the cluster is away: who waits for a worker says so
                self._fill()

    def _fill(self) -> None:
        """Begin what there is room for and is not there yet."""
        machines = machines_of(self._ray)
        for machine in machines:
            self._check(machine)
            with self._changed:
                there = sum(worker.machine.id == machine.id for worker in self._workers)
                missing = machine.encoders - there
                if self._is_over or self._failed[machine.id] >= FAILED_STARTS:
                    missing = 0
            for _ in range(missing):
                self._start(machine)
        failed = [self._failed[machine.id] >= FAILED_STARTS for machine in machines]
        self._is_hopeless = bool(machines) and all(failed)

    def _check(self, machine: Machine) -> None:
        """Leave a machine alone that came later and has another photoseek."""
        if machine.id not in self._checked:
            self._checked.add(machine.id)
            try:
                check_versions(self._ray, [machine], self._version)
            except ServiceError as error:
                self._failed[machine.id] = FAILED_STARTS
                self._problem = error

    def _start(self, machine: Machine) -> None:
        begun = self._ray.remote(RemoteEncoder).options(
            num_cpus=machine.cpus_of_each,
            num_gpus=1 if machine.gpus else 0,
            max_concurrency=AT_ONCE,
            max_restarts=0,
            scheduling_strategy=on_machine(self._ray, machine.id),
        )
        order = self._order
        worker = _Worker(machine, begun.remote(order, machine.cpus_of_each + 2))
        with self._changed:
            if is_wanted := order is self._order:
                self._workers.append(worker)
        if not is_wanted:
            self._kill(worker)
            return
        in_background(lambda: self._welcome(worker), "welcome")

    def _welcome(self, worker: _Worker) -> None:
        """Wait until a worker has loaded the model."""
        try:
            worker.actor.identity.remote().future().result()
        except Exception as error:
            is_ours = isinstance(getattr(error, "cause", None), PhotoseekError)
            with self._changed:
                if worker in self._workers:  # else it was let go
                    self._failed[worker.machine.id] += FAILED_STARTS if is_ours else 1
                    self._problem = _own(error, worker.machine)
            self._lose(worker)
            return
        with self._changed:
            worker.is_ready = True
            self._failed[worker.machine.id] = 0
            self._problem = None
            self._changed.notify_all()

    def _lose(self, worker: _Worker) -> None:
        with self._changed:
            is_new = worker in self._workers
            if is_new:
                self._workers.remove(worker)
            self._changed.notify_all()
        if is_new:
            self._kill(worker)  # it may be alive and out of reach
            self._wakes.set()

    def _kill(self, worker: _Worker) -> None:
        if self._gone is not None:  # the head would have to be asked
            return
        with suppress(Exception):
            self._ray.kill(worker.actor)


def _own(error: BaseException, machine: Machine) -> Exception:
    """An error that a worker raised, as it raised it where that is one of ours."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, PhotoseekError):
        return cause
    return ServiceError(f"An encoder on {machine.host} failed: {first_line(cause or error)}")


def _lost_cluster(error: BaseException) -> ServiceError:
    return ServiceError(
        f"The Ray cluster is gone: {first_line(error)} What is stored stays; the same command goes "
        "on from there."
    )
