"""Keywords put into files of XMP: as few bytes as possible are added, and none is changed.

A tree that is written out again loses what no tree holds: the marks around a packet, remarks,
prefixes, blanks. So the tree only says where the list of keywords ends, the keywords are put there,
and the result is read once more: it must say all that it said before, and them besides. Whatever
cannot be added to in this way is refused, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from photoseek.errors import SidecarError
from photoseek.photos.xmp import LARGEST_XMP, MOST_ELEMENTS

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
LR = "http://ns.adobe.com/lightroom/1.0/"

_META = "adobe:ns:meta/"
_LISTS = tuple(f"{{{RDF}}}{kind}" for kind in ("Bag", "Seq"))
_PROPERTIES = {
    f"{{{DC}}}subject": ("dc:subject", DC),
    f"{{{LR}}}hierarchicalSubject": ("lr:hierarchicalSubject", LR),
}
SUBJECT, HIERARCHY = _PROPERTIES

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding=[\"']([A-Za-z0-9._-]+)[\"']")

_NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="{_META}">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n'
    '  <rdf:Description rdf:about="">\n'
    "  </rdf:Description>\n"
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>\n'
)


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: Mapping[str, str]
    start: int
    end: int = 0
    text: str = ""
    children: list[_Element] = field(default_factory=list)


def with_keywords(data: bytes, keywords: Sequence[str], paths: Sequence[Sequence[str]]) -> bytes:
    """A file of XMP with further keywords, and those of a hierarchy by their paths.

    `data` is the file as it is, b"" for a new one. What is there already is not added, whatever its
    case; where all of it is, the file is given back as it was.

    Raises:
        SidecarError: it cannot be kept whole.
    """
    text = data or _NEW.encode()
    before = _items(_tree(text))
    wanted = {SUBJECT: list(keywords), HIERARCHY: ["|".join(path) for path in paths]}
    added = {}
    for name, items in wanted.items():
        known = {item.casefold() for item in before[name]}
        added[name] = [item for item in dict.fromkeys(items) if item.casefold() not in known]
        if added[name]:
            text = _spliced(text, name, added[name])
    if not any(added.values()):
        return data
    after, expected = _items(_tree(text)), {n: [*before[n], *added[n]] for n in before}
    if after != expected or _rest(_tree(text)) != _rest(_tree(data or _NEW.encode())):
        raise SidecarError("The keywords cannot be added without changing something else.")
    return text


def _spliced(data: bytes, name: str, items: Sequence[str]) -> bytes:
    """The file with items at the end of a list, which is made where there is none."""
    root = _tree(data)
    description, found = _place(root, name)
    if found is not None:
        [bag] = found.children
        prefix, colon, _ = _name(_tag(data, bag)).rpartition(":")
        item = f"{prefix}{colon}li"
        lines = "".join(f"<{item}>{escape(each)}</{item}>" for each in items)
        return _put(data, bag, lines)
    short, namespace = _PROPERTIES[name]
    lines = "".join(f"<rdf:li>{escape(each)}</rdf:li>" for each in items)
    return _put(
        data,
        description,
        f'<{short} xmlns:{short.partition(":")[0]}="{namespace}">'
        f'<rdf:Bag xmlns:rdf="{RDF}">{lines}</rdf:Bag></{short}>\n',
    )


def _put(data: bytes, element: _Element, inside: str) -> bytes:
    """The file with something more at the end of an element, which may be empty."""
    tag = _tag(data, element)
    if tag.endswith(b"/>"):
        opened = tag[:-2].rstrip() + b">" + inside.encode() + f"</{_name(tag)}>".encode()
        return data[: element.start] + opened + data[element.start + len(tag) :]
    return data[: element.end] + inside.encode() + data[element.end :]


def _tag(data: bytes, element: _Element) -> bytes:
    """The bytes of an element's first tag; a ">" may stand within an attribute."""
    quote, place = 0, element.start
    while data[place] != ord(">") or quote:
        if data[place] in b"\"'" and quote in (0, data[place]):
            quote = 0 if quote else data[place]
        place += 1
    return data[element.start : place + 1]


def _name(tag: bytes) -> str:
    """The name in an element's first tag, as it is written."""
    return re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0].decode()


def _place(root: _Element, name: str) -> tuple[_Element, _Element | None]:
    """The description that has a property, or the first one; and the property where there is one.

    Raises:
        SidecarError: there is no description, or keywords stand there in another way.
    """
    descriptions = _descriptions(root)
    if not descriptions:
        raise SidecarError("It is no file of XMP: it holds no rdf:Description.")
    having = [(each, one) for each in descriptions for one in each.children if one.tag == name]
    if any(name in each.attributes for each in descriptions) or len(having) > 1:
        raise SidecarError(
            "The keywords in its side-car stand there in a way that nothing can be added to."
        )
    if not having:
        return descriptions[0], None
    [(description, found)] = having
    if len(found.children) != 1 or found.children[0].tag not in _LISTS:
        raise SidecarError("The keywords in its side-car are no list.")
    return description, found


def _items(root: _Element) -> dict[str, list[str]]:
    """The keywords that stand there, by property."""
    found = {}
    for name in _PROPERTIES:
        _, property_ = _place(root, name)
        items = property_.children[0].children if property_ else []
        found[name] = [item.text for item in items]
    return found


def _rest(root: _Element) -> list[object]:
    """All that stands there but the keywords, and blanks between elements."""

    def told(element: _Element) -> list[object]:
        inner = [told(child) for child in element.children if child.tag not in _PROPERTIES]
        return [element.tag, dict(element.attributes), element.text.strip(), inner]

    return told(root)


def _descriptions(element: _Element) -> list[_Element]:
    if element.tag == f"{{{RDF}}}RDF":
        return [child for child in element.children if child.tag == f"{{{RDF}}}Description"]
    return [found for child in element.children for found in _descriptions(child)]


def _tree(data: bytes) -> _Element:
    """The elements of a file, with the places of their first bytes and of their ends' ones.

    Raises:
        SidecarError: it is no whole XML in UTF-8 of a usual size, or has a document type.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(data) > LARGEST_XMP:
        raise SidecarError(f"Its side-car has more than {LARGEST_XMP:,} bytes.")
    declared = _DECLARED.match(data)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise SidecarError(f"Its side-car is written in {declared[1].decode()}, and not in UTF-8.")
    builder = _Builder()
    parser: Any = DefusedXMLParser(target=builder, encoding="utf-8", forbid_dtd=True)
    builder.place = lambda: parser.parser.CurrentByteIndex
    try:
        data.decode("utf-8")
        parser.feed(data)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SidecarError(f"Its side-car is no whole XML in UTF-8 ({error}).") from error
    return builder.root


class _Builder:
    """Notes each element with its place."""

    def __init__(self) -> None:
        self.root = _Element("", {}, 0)
        self._open = [self.root]
        self._count = 0
        self.place: Callable[[], int] = lambda: 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise ParseError("It has too many elements.")
        element = _Element(tag, dict(attributes), self.place())
        self._open[-1].children.append(element)
        self._open.append(element)

    def data(self, text: str) -> None:
        self._open[-1].text += text

    def end(self, _tag: str) -> None:
        self._open.pop().end = self.place()

    def close(self) -> _Element:
        return self.root
