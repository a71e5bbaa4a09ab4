"""Photos of equal bytes: what is in them is encoded once, whatever they are called."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from types import TracebackType
from typing import NamedTuple, Self

from photoseek.errors import PhotoError
from photoseek.records import EncodedPhoto, Keep, Photo, Traits

_log = logging.getLogger(__name__)

REMEMBERED = 512
"""Contents that were encoded last: more than are on their way to an index, about 10 MB."""

TOGETHER = 16
"""The most photos that an index is asked for together, of those that come at about one time."""

GATHER_SECONDS = 0.05
"""How long those that come first wait for the others. A question costs an index some ms of CPU
time, whether it is about one photo or all; meanwhile others are decoded."""

AskContents = Callable[[Sequence[str]], Mapping[str, EncodedPhoto]]
"""Gives what an index holds of one photo of each content hash, with its thumbnail or b"".

It may have to ask another process, and raise whatever goes wrong there.
"""


class _Content(NamedTuple):
    """What is made of the bytes with a hash; `shows` says whether a thumbnail is."""

    hash: str
    shows: bool


@dataclass(slots=True)
class _Question:
    """One photo that waits for what is stored of its bytes."""

    hash: str
    answer: EncodedPhoto | None = None
    is_answered: bool = False


class StoredContents:
    """What an index holds, asked for by many threads; all that wait are asked for together."""

    def __init__(self, ask: AskContents) -> None:
        self._ask = ask
        self._changed = threading.Condition()
        self._waiting: list[_Question] = []
        self._is_asking = False

    @property
    def waiting(self) -> int:
        """How many photos are to be asked for next."""
        return len(self._waiting)

    def find(self, content_hash: str, keep: Keep, among: int = 1) -> EncodedPhoto | None:
        """What is stored for a photo with that hash, with a thumbnail where one is to be kept.

        None where it is not there, or nobody answers. It is one `among` that number, of which
        others will be asked for in a moment: they are waited for, but not for long.
        """
        question = _Question(content_hash)
        with self._changed:
            self._waiting.append(question)
            self._changed.notify_all()
        while asked := self._turn(question, min(among, TOGETHER)):
            self._give(asked, self._answer(list({each.hash: None for each in asked})))
        found = question.answer
        return found if found is None or keep == "none" or found.thumbnail else None

    def _turn(self, own: _Question, enough: int) -> list[_Question]:
        """What this thread is to ask for, its own photo too; nothing once that is answered."""
        with self._changed:
            self._changed.wait_for(lambda: own.is_answered or not self._is_asking)
            if own.is_answered:
                return []
            self._is_asking = True
            self._changed.wait_for(lambda: len(self._waiting) >= enough, GATHER_SECONDS)
            asked, self._waiting = self._waiting, []
            return asked

    def _give(self, asked: Sequence[_Question], found: Mapping[str, EncodedPhoto]) -> None:
        with self._changed:
            for each in asked:
                each.answer, each.is_answered = found.get(each.hash), True
            self._is_asking = False
            self._changed.notify_all()

    def _answer(self, content_hashes: Sequence[str]) -> Mapping[str, EncodedPhoto]:
        """What the index says; nothing where it cannot, which whoever writes to it will tell."""
        try:
            return self._ask(content_hashes)
        except Exception as error:
            _log.info("An index was not asked for photos that it has: %s", error)
            return {}


class Contents:
    """What was encoded a moment ago, and what is being encoded, by the hashes of its bytes."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._begun: OrderedDict[_Content, tuple[Photo, Future[EncodedPhoto]]] = OrderedDict()

    def turn(self) -> Turn:
        """For one call that encodes photos."""
        return Turn(self)

    def claim(self, content: _Content, photo: Photo) -> tuple[Future[EncodedPhoto], bool]:
        """What becomes of a content, and whether that photo is the one to make it."""
        with self._lock:
            owner, result = self._begun.setdefault(content, (photo, Future()))
            self._begun.move_to_end(content)
            while len(self._begun) > self._most and self._oldest().done():
                self._begun.popitem(last=False)
        return result, owner is photo

    def _oldest(self) -> Future[EncodedPhoto]:
        return next(iter(self._begun.values()))[1]

    def forget(self, content: _Content) -> None:
        """Let the next photo with these bytes try again."""
        with self._lock:
            self._begun.pop(content, None)


class Turn:
    """The contents that one call encodes. At its end nobody waits for them any longer."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._lock = threading.Lock()
        self._own: dict[_Content, Future[EncodedPhoto]] = {}
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_over = True
            left = list(self._own)
        for content in left:
            self._fail(content, error or PhotoError("A photo with the same bytes was not read."))

    def claim(self, content_hash: str, keep: Keep, photo: Photo) -> Future[EncodedPhoto] | None:
        """None where this call is to encode it for that photo; else what another one makes."""
        content = _Content(content_hash, keep != "none")
        with self._lock:
            if self._is_over:
                return None
            result, is_own = self._contents.claim(content, photo)
            if is_own:
                self._own[content] = result
        return None if is_own else result

    def give(self, encoded: EncodedPhoto) -> EncodedPhoto:
        """Let others have what was made; gives it back."""
        content = _Content(encoded.content_hash, encoded.keep != "none")
        if (result := self._taken(content)) is not None:
            result.set_result(replace(encoded, original=b""))
        return encoded

    def fail(self, content_hash: str, keep: Keep, error: BaseException) -> None:
        """Tell others that these bytes cannot be used."""
        self._fail(_Content(content_hash, keep != "none"), error)

    def _fail(self, content: _Content, error: BaseException) -> None:
        if (result := self._taken(content)) is not None:
            self._contents.forget(content)
            result.set_exception(error)

    def _taken(self, content: _Content) -> Future[EncodedPhoto] | None:
        with self._lock:
            return self._own.pop(content, None)


def of_same_bytes(
    encoded: EncodedPhoto,
    photo: Photo,
    keep: Keep,
    original: bytes = b"",
    told: Traits | None = None,
) -> EncodedPhoto:
    """What is stored for a photo, by what was made of another one with the same bytes.

    `told` is what is said of this one, which may have a side-car of its own.
    """
    thumbnail = encoded.thumbnail if keep != "none" else b""
    traits = encoded.traits if told is None else encoded.traits.retold(told)
    return replace(
        encoded,
        photo=photo,
        keep=keep,
        thumbnail=thumbnail,
        original=original,
        traits=traits,
        indexed_at=None,
    )
