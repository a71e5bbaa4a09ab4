"""Which labels people have given to photos, by words in their captions and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from photoseek.records import StoredPhoto
from photoseek.store.word_forms import words_in
from photoseek.tagging.label_lines import Label


class Described:
    """Finds labels in what is said of photos: names of several words in their order, and plurals
    that end in s as their singular.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        numbers = {label.name: number for number, label in enumerate(labels)}
        self._implied = [
            (number, *(numbers[wider] for wider in label.path if wider in numbers))
            for number, label in enumerate(labels)
        ]
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        for number, label in enumerate(labels):
            for name in label.names:
                if words := _words(name):
                    self._by_first[words[0]].append((words, number))

    def labels_of(self, stored: StoredPhoto) -> frozenset[int] | None:
        """The numbers of the labels that somebody gave it, with what they are kinds of.

        None where nobody has said anything of the photo.
        """
        described = stored.described
        texts = [text for text in (described.caption, *described.tags) if text]
        if not texts:
            return None
        found: set[int] = set()
        for text in texts:
            words = _words(text)
            for place, word in enumerate(words):
                for name, number in self._by_first.get(word, ()):
                    if words[place : place + len(name)] == name:
                        found.update(self._implied[number])
        return frozenset(found)


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(_singular, words_in(text)))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
