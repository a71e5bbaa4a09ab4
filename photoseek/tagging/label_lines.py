"""Lists of labels: a text with a label in each line, with other names and what it is a kind of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from photoseek.errors import SourceError
from photoseek.store.kinds import label_key

REMARK = "#"
KIND_OF = ">"
ALSO_CALLED = "="
PLACE = "{}"
"""Where the name of a label stands in a template."""

MOST_LABELS = 20_000
LONGEST = 100
"""Characters of a name."""

JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""What no eye sees within words of Persian, of India's languages and in some emojis."""

UNSEEN = dict.fromkeys([0xAD, 0xFEFF, *range(0x200E, 0x2010), *range(0x202A, 0x202F)])
"""Marks that come along when a word is copied, and are no part of it."""

LARGEST = 4_000_000
"""Bytes of a list."""

TEMPLATES = ("{}", "a photo of {}", "a picture of {}", "a close-up photo of {}")
"""What a label is asked by, all of them at once: one wording alone depends on chance."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `names` begin with its own, `path` names what it is a kind of, the widest first."""

    name: str
    names: tuple[str, ...]
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelList:
    """All labels, each once, and the templates that they are asked by."""

    labels: tuple[Label, ...]
    templates: tuple[str, ...] = TEMPLATES


def read_labels(path: Path | None) -> LabelList:
    """The labels in a file, or those that come with photoseek.

    Raises:
        SourceError: it cannot be read, or a line makes no sense.
    """
    if path is None:
        own = resources.files(__package__) / "labels.txt"
        return parse_labels(own.read_text("utf-8").splitlines(), "the list of photoseek")
    try:
        data = path.read_bytes()[: LARGEST + 1]
        if len(data) > LARGEST:
            raise SourceError(f"{path} has more than {LARGEST:,} bytes; a list of labels is short.")
        return parse_labels(data.decode("utf-8-sig").splitlines(), str(path))
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 text. Save it as text in UTF-8.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def parse_labels(lines: Iterable[str], name: str) -> LabelList:
    """The labels of lines such as `dog`, `animal > dog`, `car = automobile`; messages say `name`.

    A line with `{}` is a template, and lines behind `#` are remarks.

    Raises:
        SourceError: a line makes no sense, or there is no label.
    """
    found: dict[str, Label] = {}
    templates: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.translate(UNSEEN).partition(REMARK)[0].strip()
        if PLACE in text:
            templates.append(text)
        elif set(text) & set("{}"):
            raise SourceError(
                f"Line {number} of {name} is {text[:100]!r}. A template has {PLACE} in the place "
                "of the label, such as: a photo of {}"
            )
        elif text:
            _add(found, text, f"Line {number} of {name}")
    if not found:
        raise SourceError(f"{name} has no labels. Write one in each line, such as: animal > dog")
    _check_other_names(found, name)
    if len(found) > MOST_LABELS:
        raise SourceError(f"{name} has {len(found):,} labels; {MOST_LABELS:,} are the most.")
    labels = tuple(replace(each, path=_way_to(each, found, name)) for each in found.values())
    return LabelList(labels, tuple(templates) or TEMPLATES)


def _check_other_names(found: Mapping[str, Label], name: str) -> None:
    """Refuse another name of a label that is a label too: photos would get both."""
    for label in found.values():
        for other in label.names:
            known = found.get(label_key(other), label)
            if known is not label:
                raise SourceError(
                    f"In {name} {known.name} is another name of {label.name}, and a label of its "
                    "own. Leave one of them out."
                )


def _way_to(label: Label, found: Mapping[str, Label], name: str) -> tuple[str, ...]:
    """What a label is a kind of, the widest first: a later line may say more of the middle."""
    path: list[str] = []
    while label.path:
        label = found[label_key(label.path[-1])]
        if label.name in path:
            raise SourceError(f"In {name} {label.name} is a kind of itself, by several lines.")
        path.insert(0, label.name)
    return tuple(path)


def _add(found: dict[str, Label], text: str, where: str) -> None:
    """Add the labels of a line: the last one, and those that it is a kind of."""
    steps = [" ".join(step.split()) for step in text.split(KIND_OF)]
    path: tuple[str, ...] = ()
    for step in steps:
        names = [" ".join(one.split()) for one in step.split(ALSO_CALLED)]
        for one in names:
            if not one or len(one) > LONGEST or not one.translate(JOINERS).isprintable():
                raise SourceError(
                    f"{where} is {text[:100]!r}. Write a label, animal > dog, or car = automobile; "
                    f"a name has 1 to {LONGEST} characters."
                )
        if any(label_key(wider) == label_key(names[0]) for wider in path):
            raise SourceError(f"{where}: {names[0]} cannot be a kind of itself.")
        known = found.get(label_key(names[0]))
        if known and path and known.path and known.path[-1] != path[-1]:
            raise SourceError(
                f"{where}: {names[0]} is a kind of {known.path[-1]} already, and cannot be one of "
                f"{path[-1]} too. Give one of them another name."
            )
        merged = tuple(dict.fromkeys([*(known.names if known else ()), *names]))
        name = known.name if known else names[0]
        found[label_key(name)] = Label(name, merged, path or (known.path if known else ()))
        path = (*found[label_key(name)].path, name)
