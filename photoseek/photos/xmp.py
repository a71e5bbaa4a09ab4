"""XMP: what a packet says, by the names of its properties, such as dc:description.

A packet is RDF in XML, and comes from strangers: `defusedxml` refuses what could grow or reach out
of it, and what is left has few elements, not deep in one another. Of a packet that breaks off, what
stands before counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

LARGEST_XMP = 1_000_000
"""Bytes. What is larger holds pictures and depth maps beside its words."""

MOST_ELEMENTS = 20_000
DEEPEST = 40
"""Elements of a packet, and how many stand in one another; Lightroom has 20 at most."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://creativecommons.org/ns#": "cc",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    _RDF: "rdf",
}
_LISTS = ("rdf:Bag", "rdf:Seq", "rdf:Alt")
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    text: str = ""
    children: list[_Element] = field(default_factory=list)


class Xmp:
    """What a packet says. A name with "/" is that of a member of a structure."""

    def __init__(self, data: bytes = b"") -> None:
        """`data` is a packet, or a file of XMP; what makes no sense says nothing."""
        self._properties: dict[str, list[_Element]] = {}
        if 0 < len(data) <= LARGEST_XMP:
            for description in _descriptions(_tree(data)):
                for name, element in _members(description):
                    self._properties.setdefault(name, []).append(element)

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self._properties)

    def texts(self, name: str) -> list[str]:
        """The values of a property: each of a list; of one in several languages the main one."""
        first, *deeper = name.split("/")
        elements = [value for one in self._properties.get(first, ()) for value in _values(one)]
        for step in deeper:
            inner = [each for one in elements for named, each in _members(one) if named == step]
            elements = [value for one in inner for value in _values(one)]
        return list(filter(None, map(_text, elements)))

    def add(self, other: Xmp) -> None:
        """Let another packet say what this one does not."""
        self._properties = other._properties | self._properties


class _Tree:
    """Builds the elements of a packet, as many as are allowed."""

    def __init__(self) -> None:
        self.root = _Element("")
        self._open = [self.root]
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise ParseError("It has too many elements.")
        language = attributes.get(_LANGUAGE, "")
        named = {_named(name): value for name, value in attributes.items() if name != _LANGUAGE}
        element = _Element(_named(tag), named, language)
        self._open[-1].children.append(element)
        self._open.append(element)

    def data(self, text: str) -> None:
        self._open[-1].text += text

    def end(self, _tag: str) -> None:
        self._open.pop()

    def close(self) -> _Element:
        return self.root


def _tree(data: bytes) -> _Element:
    """The elements of a packet, as far as it can be read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    tree = _Tree()
    parser = DefusedXMLParser(target=tree, forbid_dtd=True)
    try:
        parser.feed(_UNFIT.sub("", _decoded(data)).strip("\ufeff\0 \t\r\n"))
        parser.close()
    except ParseError:
        pass
    except (DefusedXmlException, ValueError):
        return _Element("")
    return tree.root


def _decoded(data: bytes) -> str:
    """The text of a packet; bytes that are no UTF-8 are taken for those of Windows."""
    start = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe")
    for encoding, sign in (("utf-16-le", b"<\0"), ("utf-16-be", b"\0<")):
        if start.startswith(sign):
            return data.decode(encoding, errors="ignore")
    text = data.decode(errors="surrogateescape")
    return _ESCAPED.sub(lambda odd: _of_windows(ord(odd[0]) - 0xDC00), text)


def _of_windows(byte: int) -> str:
    return bytes((byte,)).decode("cp1252", errors="replace")


def _named(tag: str) -> str:
    """The name of a tag with the prefix that is usual, such as dc:title."""
    namespace, _, name = tag.lstrip("{").rpartition("}")
    return f"{_PREFIXES.get(namespace, '')}:{name}"


def _descriptions(element: _Element) -> Iterator[_Element]:
    """The elements whose members are properties."""
    for child in element.children:
        if child.name == "rdf:RDF":
            yield from child.children
        else:
            yield from _descriptions(child)


def _members(element: _Element) -> Iterator[tuple[str, _Element]]:
    """The properties of a description, or the members of a structure, by name."""
    for name, text in element.attributes.items():
        if not name.startswith((":", "rdf:")):
            yield name, _Element(name, text=text)
    for child in element.children:
        if child.name == "rdf:Description":
            yield from _members(child)
        elif not child.name.startswith((":", "rdf:")):
            yield child.name, child


def _values(element: _Element) -> list[_Element]:
    """The values of a property: the elements of its list, or itself."""
    for child in element.children:
        if child.name in _LISTS:
            items = [item for item in child.children if item.name == "rdf:li"]
            return _main_language(items) if child.name == "rdf:Alt" else items
    return [element]


def _main_language(items: list[_Element]) -> list[_Element]:
    default = [item for item in items if item.language.lower() == "x-default"]
    texts = [item for item in default + items if _text(item)]
    return texts[:1]


def _text(element: _Element) -> str:
    """The text of a value, which may stand in it with remarks about it."""
    for child in element.children:
        if child.name == "rdf:value":
            return child.text.strip()
        if child.name == "rdf:Description":
            return _text(child) or child.attributes.get("rdf:value", "")
    own = element.attributes.get("rdf:value") or element.attributes.get("rdf:resource", "")
    return element.text.strip() or own.strip()
