"""One evaluation: photos, the queries they are asked for by, and how a model does."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import SourceError
from photoseek.evaluation.copies import groups_of
from photoseek.evaluation.gathering import Candidate
from photoseek.evaluation.judgements import Judgement
from photoseek.evaluation.rankings import Direction, Matrix, drawn_lots, ranked
from photoseek.helpers.counted import counted
from photoseek.records import ModelIdentity, Skip, reason_of

TEXTS_AT_ONCE = 1_024

EncodeTexts = Callable[[Sequence[str]], Matrix]
"""Unit vectors of texts, shape (n, d)."""


LEAST = 2
"""Photos that an evaluation needs: one alone is always found first."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What came of a trial with one model.

    `photos` were looked at, of which copies count as one, so that `pictures` are left. `digest`
    stands for these pictures, the texts, and what is right: figures can be compared where it is
    equal. `graded` says that grades differ.
    """

    model: str
    fingerprint: str
    photos: int
    pictures: int
    graded: bool
    digest: str
    text_to_image: Direction
    image_to_text: Direction

    @property
    def directions(self) -> dict[str, Direction]:
        """Both directions by their names."""
        return {"text_to_image": self.text_to_image, "image_to_text": self.image_to_text}


class Trial:
    """Which photos answer which texts. One that carries the same caption is as right, and so is a
    copy of a photo that is right.

    In which order the photos come changes no figure: texts are asked in the order of their letters,
    and pictures draw lots, and are asked, in that of their hashes.
    """

    def __init__(
        self,
        photos: Sequence[Candidate],
        judged: Sequence[Judgement] | None = None,
        *,
        beside: Path | None = None,
    ) -> None:
        """Without judgements each caption is a query. `beside` is the folder that paths in
        judgements start from.

        Raises:
            SourceError: fewer than two photos or queries are left.
        """
        self.photos = len(photos)
        self._groups = groups_of([photo.looks for photo in photos])
        self.pictures = int(self._groups.max()) + 1 if photos else 0
        self.remarks: list[str] = []
        grades: dict[str, dict[int, float]] = defaultdict(dict)
        if judged is None:
            for photo, group in zip(photos, self._groups.tolist(), strict=True):
                grades[photo.caption][group] = 1.0
        else:
            self._judge(photos, judged, beside, grades)
        self.texts = sorted(text for text, found in grades.items() if any(found.values()))
        self._answers = [grades[text] for text in self.texts]
        if self.photos < LEAST or not self.texts:
            if judged is None:
                raise too_few_captions(self.photos)
            raise SourceError(
                f"No query of the {len(judged):,} judgements has a photo that fits and is among "
                f"these {self.photos:,}. The column photo holds ids or places, as export writes "
                "them."
            )
        self.graded = len({grade for found in self._answers for grade in found.values()} - {0}) > 1
        self._firsts = self._firsts_of(photos)
        self._keys = [photos[place].looks.content_hash for place in self._firsts]

    def run(self, vectors: Matrix, encode_texts: EncodeTexts, model: ModelIdentity) -> Evaluation:
        """See who finds whom; `vectors` are those of the photos, in their order."""
        blocks = range(0, len(self.texts), TEXTS_AT_ONCE)
        texts = np.concatenate([encode_texts(self.texts[i : i + TEXTS_AT_ONCE]) for i in blocks])
        lots = drawn_lots(self.pictures)[np.argsort(np.argsort(self._keys))]
        found = ranked(texts, vectors, self._answers, self.texts, groups=self._groups, lots=lots)
        asked, answers = self._asked_by_picture()
        return Evaluation(
            model.name,
            model.fingerprint,
            self.photos,
            self.pictures,
            self.graded,
            self._digest(),
            text_to_image=found,
            image_to_text=ranked(
                vectors[self._firsts[asked]], texts, answers, [self._keys[i] for i in asked]
            ),
        )

    def _judge(
        self,
        photos: Sequence[Candidate],
        judged: Sequence[Judgement],
        beside: Path | None,
        grades: dict[str, dict[int, float]],
    ) -> None:
        places = {photo.uri: place for place, photo in enumerate(photos)}
        places |= {photo.id: place for place, photo in enumerate(photos)}
        unknown: dict[str, None] = {}
        contradicted: dict[str, None] = {}
        for one in judged:
            place = places.get(one.photo)
            if place is None and beside is not None:
                place = places.get(str((beside / Path(one.photo).expanduser()).resolve()))
            if place is None:
                unknown[one.photo] = None
                continue
            found, group = grades[one.query], int(self._groups[place])
            if found.setdefault(group, one.grade) != one.grade:
                contradicted[one.photo] = None
            found[group] = max(one.grade, found[group])
        if unknown:
            self.remarks.append(
                f"{counted(len(unknown), 'photo', 'photos')} of the judgements "
                f"{'is' if len(unknown) == 1 else 'are'} not among these, such as "
                f"{next(iter(unknown))}; their rows do not count."
            )
        if contradicted:
            self.remarks.append(
                f"{counted(len(contradicted), 'photo has', 'photos have')} several grades for one "
                f"query, such as {next(iter(contradicted))}; the largest counts."
            )
        queries = {one.query for one in judged}
        empty = sum(not any(grades[query].values()) for query in queries)
        if empty:
            self.remarks.append(
                f"{counted(empty, 'query has', 'queries have')} no photo that fits; "
                f"{'it does' if empty == 1 else 'they do'} not count."
            )

    def _asked_by_picture(self) -> tuple[list[int], list[dict[int, float]]]:
        """The pictures that any text is right for, and the grades of all texts for each."""
        fitting: dict[int, dict[int, float]] = defaultdict(dict)
        for text, found in enumerate(self._answers):
            for group, grade in found.items():
                fitting[group][text] = grade
        usable = (group for group, texts in fitting.items() if any(texts.values()))
        asked = sorted(usable, key=self._keys.__getitem__)
        return asked, [fitting[group] for group in asked]

    def _firsts_of(self, photos: Sequence[Candidate]) -> NDArray[np.intp]:
        """For each picture the photo that stands for it in any index: that with the least hash of
        its bytes.
        """
        hashes = np.array([photo.looks.content_hash for photo in photos])
        order = np.argsort(hashes, kind="stable")
        firsts: NDArray[np.intp] = order[np.unique(self._groups[order], return_index=True)[1]]
        return firsts

    def _digest(self) -> str:
        hashed = hashlib.blake2b(digest_size=16)
        told = [
            repr((text, sorted((self._keys[group], grade) for group, grade in found.items())))
            for text, found in zip(self.texts, self._answers, strict=True)
        ]
        for part in (*sorted(self._keys), *sorted(told)):
            hashed.update(part.encode(errors="surrogatepass") + b"\n")
        return hashed.hexdigest()


def too_few_captions(photos: int, skipped: Sequence[Skip] = ()) -> SourceError:
    """What is said of so few photos with a caption, where others were left out."""
    return SourceError(
        f"Only {counted(photos, 'photo', 'photos')} with a caption could be used; "
        f"an evaluation needs {LEAST} or more. Give a manifest with a caption column, or "
        f"photos that have captions in their files.{reason_of(skipped)}"
    )
