"""Words of strangers: what would grow, turn, hide or break is left out, and nothing is raised."""

from __future__ import annotations

import random

import pytest

from photoseek.photos import ImageLimits, tell
from photoseek.photos.xmp import DEEPEST, Xmp
from photoseek.records import Traits, Written
from tests.support.written_photos import (
    digest_of,
    iim_of,
    in_languages,
    jpeg_of,
    listed,
    resources_of,
    segment,
    xmp_of,
)

LIMITS = ImageLimits()

BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def written(data: bytes) -> Written | None:
    """What is written in a picture."""
    return tell(data, LIMITS).written


@pytest.mark.parametrize("document_type", [BOMB, FILE, "<!DOCTYPE x SYSTEM 'http://x.example'>"])
def test_a_packet_with_a_document_type_says_nothing(document_type: str) -> None:
    entity = "&c;" if document_type == BOMB else "&a;" if document_type == FILE else "x"
    packet = xmp_of(in_languages("dc:title", x=entity)).decode()
    begin = packet.index("<x:xmpmeta")
    assert written(jpeg_of((packet[:begin] + document_type + packet[begin:]).encode())) is None


def test_elements_deep_in_one_another_end_it() -> None:
    deep = "<dc:title>" * 10_000 + "x" + "</dc:title>" * 10_000
    assert Xmp(xmp_of("<photoshop:City>Oslo</photoshop:City>" + deep)).texts("photoshop:City") == [
        "Oslo"
    ]
    assert Xmp(xmp_of("<dc:title>" * DEEPEST)).texts("dc:title") == []


def test_very_many_keywords_are_cut() -> None:
    words = [f"word{number}" for number in range(5_000)]
    found = written(jpeg_of(iim=iim_of({25: words})))
    assert found is not None
    assert found.keywords == tuple(words[:1_000])


def test_a_packet_of_megabytes_is_not_parsed() -> None:
    assert not Xmp(xmp_of(in_languages("dc:description", x="word " * 1_000_000)))


def test_signs_that_hide_or_turn_text_are_left_out() -> None:
    text = "safe\u202e gpj.exe\u2066\x00\x07 \ufeff<b>bold</b> &amp;lt;"
    found = written(jpeg_of(iim=iim_of({120: text, 105: "one\ntwo\tthree"})))
    assert found is not None
    assert found.caption == "safe gpj.exe <b>bold</b> &amp;lt;"
    assert found.headline == "one two three"
    hebrew = "שלום \u200fעולם"  # noqa: RUF001
    found = written(jpeg_of(iim=iim_of({120: hebrew})))
    assert found is not None
    assert found.caption == hebrew


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "//x.example",
        'https://x.example/"onload="x', "https://x.example/\u202e", "https://[x", "ftp://x.example",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_none(url: str) -> None:
    given = url.replace('"', "&quot;")
    packet = xmp_of(attributes=f'xmpRights:WebStatement="{given}" photoshop:City="Oslo"')
    assert written(jpeg_of(packet)) == Written(city="Oslo")


def test_a_packet_that_breaks_off_says_what_stands_before() -> None:
    packet = xmp_of("<photoshop:City>Oslo</photoshop:City>" + listed("dc:subject", "a", "b"))
    found = Xmp(packet[: packet.index(b"<rdf:li>b")])
    assert found.texts("photoshop:City") == ["Oslo"]
    assert found.texts("dc:subject") == ["a"]


def test_bytes_and_signs_that_xml_refuses_cost_no_more_than_themselves() -> None:
    packet = xmp_of(in_languages("dc:title", x="Caf\x02é")).replace("é".encode(), b"\xe9")
    assert Xmp(b"\0\0" + packet + b"\0" * 50).texts("dc:title") == ["Café"]
    assert Xmp(xmp_of("<dc:title>&#xD800;</dc:title>")).texts("dc:title") == []


def test_mutations_raise_nothing() -> None:
    chance = random.Random(7)
    packet = xmp_of(
        in_languages("dc:title", x="a title") + listed("dc:subject", "one", "two"),
        'photoshop:City="Oslo" xmp:Rating="3"',
    )
    iim = iim_of({120: "caption", 25: ["one", "two"], 55: "20240501"})
    resources = b"Photoshop 3.0\0" + resources_of(iim, digest=digest_of(iim))

    def changed(data: bytes) -> bytes:
        mutable = bytearray(data)
        for place in chance.sample(range(len(data)), chance.randint(0, 8)):
            mutable[place] = chance.randrange(256)
        return bytes(mutable)

    for _ in range(400):
        data = jpeg_of(changed(packet), segments=[segment(0xED, changed(resources))])
        assert isinstance(tell(data, LIMITS, changed(packet)), Traits)
