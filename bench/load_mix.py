"""What clients ask for under load, each with a look at whether the answer is right."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from PIL import Image

WORDS = ("sea", "the moon over a city", "boats at night", "snow", "lake", "a red car", "forest")
TAG = "of-the-library"
"""Of the photos that stay; those that are handed in and deleted have none."""

TOP = 10
CLOSE = 1e-5
"""Scores that are no further apart may change places: a batch of texts rounds in another way."""


class WrongAnswerError(Exception):
    """An answer that is not what the index holds."""


@dataclass(frozen=True)
class Right:
    """What is right for as long as the photos stay: found alone, before the load began."""

    scores: dict[str, dict[str, float]]
    similar: dict[str, dict[str, float]]
    thumbnails: dict[str, bytes]
    photos: int

    @classmethod
    def of(cls, http: httpx.Client) -> Right:
        """Ask for everything once."""
        staying = {"where": f"tags = {TAG}", "limit": 100}
        scores = {word: _scores(_json(http, "/api/search", q=word, **staying)) for word in WORDS}
        ids = sorted(next(iter(scores.values())))
        similar = {
            each: _scores(_json(http, f"/api/photos/{each}/similar", **staying))
            for each in ids[: len(WORDS)]
        }
        thumbnails = {each: _get(http, f"/api/photos/{each}/thumbnail").content for each in ids}
        total = _json(http, "/api/facets", where=staying["where"])["total"]
        return cls(scores, similar, thumbnails, int(total))


class Visitor:
    """One client, who asks for this and that; `ask` gives the name of the route."""

    def __init__(self, url: str, right: Right, seed: int) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._right = right
        self._dice = random.Random(seed)
        self._pixels = np.random.default_rng(seed)
        self._numbers = itertools.count()
        self._own: list[str] = []
        self.routes: Sequence[tuple[str, int, Callable[[], None]]] = (
            ("search", 6, self._search),
            ("new text", 3, self._new_text),
            ("filter", 4, self._filter),
            ("similar", 3, self._similar),
            ("thumbnail", 12, self._thumbnail),
            ("browse", 2, self._browse),
            ("facets", 2, self._facets),
            ("photo", 2, self._photo),
            ("upload", 1, self._upload),
            ("delete", 1, self._delete),
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def choose(self) -> tuple[str, Callable[[], None]]:
        """The next thing to ask for, and what asks for it.

        It raises WrongAnswerError, or httpx.HTTPError where there is no answer.
        """
        weights = [weight for _, weight, _ in self.routes]
        [(name, _, ask)] = self._dice.choices(self.routes, weights)
        return name, ask

    def _search(self) -> None:
        word = self._dice.choice(WORDS)
        found = _json(self._http, "/api/search", q=word, limit=TOP, where=f"tags = {TAG}")
        _check_ranked(_scores(found), self._right.scores[word], TOP)

    def _new_text(self) -> None:
        text = f"{self._dice.choice(WORDS)} {self._dice.random()}"
        found = list(_scores(_json(self._http, "/api/search", q=text, limit=TOP)).values())
        if len(found) != TOP or found != sorted(found, reverse=True):
            raise WrongAnswerError(f"{text}: {found}")

    def _filter(self) -> None:
        word, width = self._dice.choice(WORDS), self._dice.randrange(1, 200)
        where = [f"tags = {TAG}", f"width >= {width}"]  # all are wider
        found = _json(self._http, "/api/search", q=word, limit=TOP, where=where)
        _check_ranked(_scores(found), self._right.scores[word], TOP)

    def _similar(self) -> None:
        photo = self._dice.choice(list(self._right.similar))
        path = f"/api/photos/{photo}/similar"
        found = _json(self._http, path, limit=TOP, where=f"tags = {TAG}")
        _check_ranked(_scores(found), self._right.similar[photo], TOP)

    def _thumbnail(self) -> None:
        photo = self._dice.choice(list(self._right.thumbnails))
        if (
            _get(self._http, f"/api/photos/{photo}/thumbnail").content
            != self._right.thumbnails[photo]
        ):
            raise WrongAnswerError(f"the thumbnail of {photo} is another one")

    def _browse(self) -> None:
        found = _json(self._http, "/api/search", limit=TOP, where=f"tags = {TAG}")
        if found["total"] != self._right.photos or len(found["hits"]) != TOP:
            raise WrongAnswerError(f"{found['total']} photos of {self._right.photos} are there")

    def _facets(self) -> None:
        total = _json(self._http, "/api/facets", where=f"tags = {TAG}")["total"]
        if total != self._right.photos:
            raise WrongAnswerError(f"{total} photos of {self._right.photos} are counted")

    def _photo(self) -> None:
        photo = self._dice.choice(list(self._right.thumbnails))
        if _json(self._http, f"/api/photos/{photo}")["id"] != photo:
            raise WrongAnswerError(f"{photo} is another one")

    def _upload(self) -> None:
        """Hand in a picture that nobody has, and look whether it is there at once."""
        buffer = io.BytesIO()
        pixels = self._pixels.integers(0, 256, (6, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((320, 240)).save(buffer, "JPEG", quality=90)
        sent = {"file": ("new.jpg", buffer.getvalue(), "image/jpeg")}
        answer = self._http.post("/api/photos", files=sent).raise_for_status()
        photo = str(answer.json()["id"])
        self._own.append(photo)
        if _json(self._http, f"/api/photos/{photo}")["id"] != photo:
            raise WrongAnswerError(f"{photo} was handed in and is another one")

    def _delete(self) -> None:
        """Delete what was handed in, and look whether it is gone."""
        if not self._own:
            self._upload()
        photo = self._own.pop()
        answer = self._http.delete(f"/api/photos/{photo}")
        if answer.status_code != 404:  # an answer may have got lost
            answer.raise_for_status()
        if self._http.get(f"/api/photos/{photo}").status_code not in (404, 503):
            raise WrongAnswerError(f"{photo} was deleted and is still there")


def _check_ranked(found: dict[str, float], right: dict[str, float], count: int) -> None:
    """Raise unless these are the best, in order, as far as their scores are apart."""
    best = sorted(right.values(), reverse=True)[:count]
    scores = [right.get(each, -1.0) for each in found]
    if len(scores) != count or any(
        abs(mine - due) > CLOSE for mine, due in zip(scores, best, strict=True)
    ):
        raise WrongAnswerError(f"found {found}, and the best are {best}")


def _scores(found: dict[str, Any]) -> dict[str, float]:
    return {hit["id"]: hit["score"] for hit in found["hits"]}


def _json(http: httpx.Client, path: str, **asked: Any) -> dict[str, Any]:
    told: dict[str, Any] = _get(http, path, **asked).json()
    return told


def _get(http: httpx.Client, path: str, **asked: Any) -> httpx.Response:
    return http.get(path, params=asked).raise_for_status()
