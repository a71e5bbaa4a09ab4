"""As much of Ray as photoseek uses, in this process: actors are objects, machines are entries."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any


class RayError(Exception):
    """What Ray raises."""


class RayTaskError(RayError):
    """What a task raises is its `cause`."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"Task failed.\nTraceback of many lines\n{cause}")
        self.cause = cause


class RayActorError(RayError):
    """The process of an actor is gone."""


class Actor:
    """The handle of an actor. Its methods run in threads, and fail once it is `dead`."""

    def __init__(self, kind: Callable[..., Any], arguments: tuple[Any, ...], node: str) -> None:
        self.node = node
        self.dead = threading.Event()
        self._pool = ThreadPoolExecutor(4)
        self._made = self._pool.submit(kind, *arguments)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def die(self) -> None:
        """Fail from now on, also whoever waits for an answer."""
        self.dead.set()
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *given: Reference(self._begin(name, given)))

    def _begin(self, name: str, given: tuple[Any, ...]) -> Future[Any]:
        return self._pool.submit(self._call, name, given)

    def _call(self, name: str, given: tuple[Any, ...]) -> Any:
        try:
            made = self._made.result()
        except Exception as error:
            raise RayActorError("The actor died in its creation task.") from error
        if self.dead.is_set():
            raise RayActorError("The actor died unexpectedly.")
        try:
            method = getattr(made, name)
            if inspect.iscoroutinefunction(method):
                # Called in the loop: one that is cancelled before would never be awaited.
                begun = asyncio.run_coroutine_threadsafe(_awaited(method, given), self._loop)
                answer = begun.result()
            else:
                answer = method(*given)
        except Exception as error:
            if self.dead.is_set():
                raise RayActorError("The actor died unexpectedly.") from error
            raise RayTaskError(error) from error
        if self.dead.is_set():
            raise RayActorError("The actor died unexpectedly.")
        return answer


async def _awaited(method: Callable[..., Awaitable[Any]], given: tuple[Any, ...]) -> Any:
    return await method(*given)


class Reference:
    """What will be there."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def future(self) -> Future[Any]:
        return self._future


class RayInProcess:
    """The module `ray`, connected to machines that are given; `actors` are all that were begun."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
    util = SimpleNamespace(
        scheduling_strategies=SimpleNamespace(
            NodeAffinitySchedulingStrategy=lambda node, soft: SimpleNamespace(node_id=node)
        )
    )

    def __init__(
        self, *machines: dict[str, float], answers: Callable[[], Any] = lambda: ("1.2", "3.12.1")
    ) -> None:
        """Each machine is what it has to give away; `answers` is what tasks give there."""
        self.machines = {f"node{number}": each for number, each in enumerate(machines)}
        self.actors: list[Actor] = []
        self.connected = True
        self._answers = answers

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {"NodeID": name, "Alive": True, "NodeManagerAddress": name, "Resources": resources}
            for name, resources in self.machines.items()
        ]

    def is_initialized(self) -> bool:
        return self.connected

    def kill(self, actor: Actor) -> None:
        actor.die()

    def remote(self, work: Callable[..., Any]) -> Any:
        def options(**given: Any) -> Any:
            node = getattr(given.get("scheduling_strategy"), "node_id", "anywhere")

            def begin(*arguments: Any) -> Any:
                if not isinstance(work, type):
                    return self._answers
                self.actors.append(Actor(work, arguments, node))
                return self.actors[-1]

            return SimpleNamespace(remote=begin)

        return SimpleNamespace(options=options)

    def get(self, task: Callable[[], Any], timeout: float) -> Any:
        return task()
