"""What workers ask the process that began the run: which photos its index has under other names.

Nobody in a cluster can call that process, which may stand outside of it. So the questions lie with
an actor of their own, and the process fetches them there.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from photoseek.cluster.machines import first_line
from photoseek.helpers.deadlines import in_background
from photoseek.indexing.contents import AskContents
from photoseek.records import EncodedPhoto

_log = logging.getLogger(__name__)

Question = tuple[int, Sequence[str]]
"""A number to answer to, and content hashes."""

LOOK_AGAIN_SECONDS = 1.0
"""Before questions are looked for once more where their actor was not to be reached."""


class QuestionBox:
    """Where questions wait for their answers. All methods run in one event loop, as Ray has it."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._asked: asyncio.Queue[Question] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[Mapping[str, EncodedPhoto]]] = {}

    async def ask(self, content_hashes: Sequence[str]) -> Mapping[str, EncodedPhoto]:
        """What the index has of one photo of each content hash, as `AskContents` gives it."""
        number = next(self._numbers)
        answer: asyncio.Future[Mapping[str, EncodedPhoto]] = asyncio.Future()
        self._answers[number] = answer
        self._asked.put_nowait((number, content_hashes))
        return await answer

    async def fetch(self) -> list[Question]:
        """All questions that wait; at least one."""
        found = [await self._asked.get()]
        while not self._asked.empty():
            found.append(self._asked.get_nowait())
        return found

    async def answer(self, answers: Mapping[int, Mapping[str, EncodedPhoto]]) -> None:
        """Let those who asked go on."""
        for number, answer in answers.items():
            self._answers.pop(number).set_result(answer)


class AskBox:
    """Asks the box from a worker, and waits. It travels to the worker with the box's handle."""

    def __init__(self, box: Any) -> None:
        self._box = box

    def __call__(self, content_hashes: Sequence[str]) -> Mapping[str, EncodedPhoto]:
        """Raises what Ray raises where the box is lost."""
        found: Mapping[str, EncodedPhoto] = self._box.ask.remote(content_hashes).future().result()
        return found


class Questions:
    """The box of one run, and who answers what lies in it."""

    def __init__(self, ray: Any, ask: AskContents) -> None:
        """`ray` is the module, connected to a cluster; `ask` asks the index of this process."""
        self._ray = ray
        self._ask = ask
        self._is_over = threading.Event()
        # A box that is begun again is empty: those who had asked are told that it was lost.
        self._box = ray.remote(QuestionBox).options(num_cpus=0, max_restarts=-1).remote()
        in_background(self._answer_all, "questions")

    @property
    def asking(self) -> AskBox:
        """What a worker asks with."""
        return AskBox(self._box)

    def end(self) -> None:
        """Answer no more, when no worker is left."""
        self._is_over.set()
        try:
            self._ray.kill(self._box)
        except Exception as error:  # the cluster is gone, and the box with it
            _log.info("Questions of workers are not let go: %s", first_line(error))

    def _answer_all(self) -> None:
        while not self._is_over.is_set():
            try:
                asked = self._box.fetch.remote().future().result()
                self._box.answer.remote(self._answers(asked)).future().result()
            except Exception as error:
                _log.info("Questions of workers cannot be fetched: %s", first_line(error))
                self._is_over.wait(LOOK_AGAIN_SECONDS)

    def _answers(self, asked: Sequence[Question]) -> dict[int, dict[str, EncodedPhoto]]:
        """The answers by number; all questions are one to the index."""
        hashes = list(dict.fromkeys(each for _, some in asked for each in some))
        try:
            found = self._ask(hashes)
        except Exception as error:
            _log.info("An index was not asked for photos that it has: %s", error)
            found = {}
        return {
            number: {each: found[each] for each in some if each in found} for number, some in asked
        }
