"""What photos say of themselves: out of which part, in which order, in which encoding."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import TiffTags

from photoseek.photos import ImageLimits, tell
from photoseek.photos.origins import ORIGINS
from photoseek.records import Traits, Written
from tests.support.picture_kinds import psd
from tests.support.written_photos import (
    digest_of,
    exif_of,
    iim_of,
    in_languages,
    jpeg_of,
    listed,
    png_with,
    raw_profile,
    resource,
    resources_of,
    saved_as,
    segment,
    xmp_of,
)

LIMITS = ImageLimits()

STOCK = Written(
    headline="Storm over the harbour",
    title="storm-0312",
    caption="Waves break over the pier of Bergen.",
    keywords=("storm", "harbour", "Norway"),
    creator="Anna Bergström, Jo Ek",
    credit="Nordlys Pictures",
    copyright="© 2024 Anna Bergström",
    usage_terms="Editorial use only.",
    web_statement="https://nordlys.example/rights",
    licensor_url="https://nordlys.example/buy/312",
    source="Nordlys archive",
    rating="4",
    label="Green",
    city="Bergen",
    country="Norway",
    lens="24-70mm F2.8",
)

XMP = xmp_of(
    in_languages("dc:title", x="storm-0312")
    + in_languages("dc:description", de="Wellen", x="Waves break over the pier of Bergen.")
    + listed("dc:subject", "storm", "harbour", "Norway", "STORM")
    + listed("dc:creator", "Anna Bergström", "Jo Ek", kind="Seq")
    + in_languages("dc:rights", x="© 2024 Anna Bergström")
    + in_languages("xmpRights:UsageTerms", x="Editorial use only.")
    + "<plus:Licensor><rdf:Seq><rdf:li rdf:parseType='Resource'>"
    "<plus:LicensorURL>https://nordlys.example/buy/312</plus:LicensorURL>"
    "</rdf:li></rdf:Seq></plus:Licensor>"
    "<photoshop:Headline>Storm over the harbour</photoshop:Headline>",
    'photoshop:Credit="Nordlys Pictures" photoshop:Source="Nordlys archive" xmp:Rating="4" '
    'photoshop:City="Bergen" photoshop:Country="Norway" xmp:Label="Green" '
    'exifEX:LensModel="24-70mm F2.8" xmpRights:WebStatement="https://nordlys.example/rights"',
)


def written(data: bytes, sidecar: bytes = b"") -> Written:
    """What is written in a picture, which says something."""
    found = tell(data, LIMITS, sidecar).written
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_xmp_is_read_from_every_format(kind: str) -> None:
    data = jpeg_of(XMP) if kind == "JPEG" else saved_as(kind, XMP)
    assert written(data) == STOCK


def test_the_texts_of_a_png_come_last() -> None:
    texts = {
        "Title": "The pier", "Author": "Bergstr\xf6m", "Description": "Wellen \u0161 gro\xdf",
        "Copyright": "(c) Anna", "Comment": "Created with GIMP", "Software": "x",
    }  # fmt: skip
    said = Written(
        title="The pier", creator="Bergström", caption="Wellen š groß", copyright="(c) Anna"
    )
    assert written(png_with(texts)) == said
    xmp = xmp_of(in_languages("dc:title", x="Another"))
    with_xmp = png_with(texts | {"XML:com.adobe.xmp": xmp.decode()})
    assert written(with_xmp) == replace(said, title="Another")
    assert written(png_with({"Title": "Gro\xdf".encode().decode("latin-1")})).title == "Groß"


def test_profiles_in_the_texts_of_a_png_are_packets() -> None:
    iim = resources_of(iim_of({90: "Oslo"}))
    exif = exif_of({0x013B: "Artist"}).tobytes()
    packet = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    for name, data, said in (
        ("iptc", iim, Written(city="Oslo")),
        ("exif", exif, Written(creator="Artist")),
        ("APP1", exif, Written(creator="Artist")),
        ("xmp", XMP, STOCK),
        ("APP1", packet, STOCK),
    ):
        profile = {f"Raw profile type {name}": raw_profile(name, data)}
        assert written(png_with(profile)) == said
    assert tell(png_with({"Raw profile type APP1": raw_profile("APP1", b"nonsense")}), LIMITS) == (
        Traits()
    )


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("http://ns.useplus.org/ldf/vocab/MR-UMR", "unlimited"),
        ("mr-lmr", "limited"),
        ("MR-NON", "none"),
        ("http://ns.useplus.org/ldf/vocab/MR-NAP", "not applicable"),
        ("somebody agreed", ""),
    ],
)
def test_releases_are_told_in_words(said: str, state: str) -> None:
    other = said.replace("MR", "PR").replace("UMR", "UPR").replace("LMR", "LPR")
    xmp = xmp_of("<dc:source>x</dc:source>", f'plus:ModelReleaseStatus="{said}"')
    assert written(jpeg_of(xmp)).model_release == state
    packet = f'<plus:PropertyReleaseStatus rdf:resource="{other}"/><dc:source>x</dc:source>'
    assert written(jpeg_of(xmp_of(packet))).property_release == state


def test_a_side_car_alone_says_as_much() -> None:
    assert written(jpeg_of(), XMP) == STOCK
    assert written(jpeg_of(), XMP.decode().encode("utf-16")) == STOCK


def test_a_photo_without_words_says_nothing() -> None:
    assert tell(jpeg_of(), LIMITS) == Traits()
    assert tell(jpeg_of(xmp_of()), LIMITS) == Traits()


def test_a_photoshop_document_has_all_in_its_resources() -> None:
    resources = resource(0x0424, XMP) + resources_of(iim_of({90: "Oslo", 40: "x"}))
    resources += resource(0x0422, exif_of({0x013B: "Artist"}, {0xA434: "Lens"}).tobytes()[6:])
    data = psd(np.zeros((8, 8, 3), np.uint8), resources=resources)
    assert written(data) == STOCK
    assert written(data.replace(XMP, XMP.replace(b"rdf:RDF", b"rdf:xxx"))) == Written(
        city="Oslo", creator="Artist", lens="Lens"
    )


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "JPEG2000"])
def test_iptc_is_read(kind: str) -> None:
    iim = iim_of(
        {
            5: "storm-0312", 105: "Storm over the harbour", 120: "Waves break.\rAll night.",
            25: ["storm", "harbour"], 80: ["Anna Bergström", "Jo Ek"], 110: "Nordlys Pictures",
            115: "https://nordlys.example/312", 116: "© 2024 Anna Bergström",
            90: "Bergen", 101: "Norway", 55: "20240501", 60: "123000+0200",
        }
    )  # fmt: skip
    data = jpeg_of(iim=iim) if kind == "JPEG" else saved_as(kind, xmp_of(), iim)
    told = tell(data, LIMITS)
    assert told.taken == "2024-05-01T12:30:00"
    assert told.written == Written(
        headline="Storm over the harbour",
        title="storm-0312",
        caption="Waves break.\nAll night.",
        keywords=("storm", "harbour"),
        creator="Anna Bergström, Jo Ek",
        credit="Nordlys Pictures",
        copyright="© 2024 Anna Bergström",
        source="https://nordlys.example/312",
        city="Bergen",
        country="Norway",
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_iptc_of_a_tiff_may_be_numbers_of_four_bytes(order: str) -> None:
    iim = iim_of({90: "Bergen", 105: "Storm"})
    iim += b"\0" * (-len(iim) % 4)
    count = len(iim) // 4
    block = struct.pack(f"{order}{count}I", *struct.unpack(f"<{count}I", iim))
    before = struct.pack("<HHI", 33723, TiffTags.UNDEFINED, len(block))
    after = struct.pack("<HHI", 33723, TiffTags.LONG, count)
    found = written(saved_as("TIFF", xmp_of(), block).replace(before, after))
    assert (found.city, found.headline) == ("Bergen", "Storm")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "mac-roman"])
@pytest.mark.parametrize(
    "text",
    [
        "Café Zürich, Ærø and Besançon",
        "Fjäril på ängen",
        "ÅRHUS: ØL OG SMØRREBRØD",
        "Niño con corazón",
        "Élan vital à la plage",
        "Größe über alles",
    ],
)
def test_old_iptc_that_does_not_name_its_encoding_comes_out_right(text: str, encoding: str) -> None:
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    iim = iim_of({120: text.encode(plain, errors="replace"), 25: ["plain"]}, encoding="ascii")
    assert written(jpeg_of(iim=iim)).caption == text.encode(plain, errors="replace").decode(plain)


@pytest.mark.parametrize(
    ("escape", "encoding", "text"),
    [
        (b"\x1b-A", "iso8859-1", "Café"),
        (b"\x1b-B", "iso8859-2", "Łódź"),
        (b"\x1b-L", "iso8859-5", "Москва"),
        (b"\x1b-F", "iso8859-7", "Αθήνα"),
        (b"\x1b%G", "utf-8", "東京"),
    ],
)
def test_iptc_says_its_encoding(escape: bytes, encoding: str, text: str) -> None:
    said = b"\x1c\x01\x5a" + len(escape).to_bytes(2, "big") + escape
    iim = said + iim_of({90: text.encode(encoding)}, encoding="ascii")
    assert written(jpeg_of(iim=iim)).city == text


def test_a_text_that_was_cut_within_a_letter_keeps_the_others() -> None:
    iim = iim_of({80: "Anna Bergström", 25: ["é" * 31 + "x", ("é" * 32).encode()[:63]]})
    found = written(jpeg_of(iim=iim))
    assert found.creator == "Anna Bergström"
    assert found.keywords == ("é" * 31 + "x", "é" * 31)


def test_xmp_goes_before_iptc_and_that_before_exif() -> None:
    exif = exif_of({0x010E: "exif caption", 0x013B: "Exif Artist; Second", 0x8298: "exif rights"})
    iim = iim_of({120: "iim caption", 80: "Iim Author"})
    xmp = xmp_of(in_languages("dc:description", x="xmp caption"))
    found = written(jpeg_of(xmp, iim, exif))
    assert (found.caption, found.creator) == ("xmp caption", "Iim Author")
    assert found.copyright == "exif rights"
    assert written(jpeg_of(exif=exif)).creator == "Exif Artist, Second"
    sidecar = xmp_of(in_languages("dc:description", x="side-car caption"))
    assert written(jpeg_of(xmp, iim, exif), sidecar).caption == "side-car caption"
    assert written(jpeg_of(xmp, iim, exif), sidecar).creator == "Iim Author"


def test_iptc_that_was_changed_after_the_xmp_goes_before_it() -> None:
    long = "A caption that is longer than what IPTC has room for, so that it ends there."
    iim = iim_of({120: long[:40], 105: "new headline", 25: ["new"]})
    xmp = xmp_of(
        in_languages("dc:description", x=long) + listed("dc:subject", "old"),
        'photoshop:Headline="old headline" photoshop:City="Oslo"',
    )
    stale = written(jpeg_of(xmp, iim, digest=digest_of(b"as it was")))
    assert (stale.headline, stale.keywords, stale.city) == ("new headline", ("new",), "Oslo")
    assert stale.caption == long  # the same, but for its end
    for digest in (digest_of(iim), None):
        in_step = written(jpeg_of(xmp, iim, digest=digest))
        assert (in_step.headline, in_step.keywords) == ("old headline", ("old",))


def test_keywords_of_a_hierarchy_count_by_their_leaves_and_as_a_whole() -> None:
    xmp = xmp_of(
        listed("dc:subject", "beach", "Spain")
        + listed("lr:hierarchicalSubject", "places|Europe|Spain", "AC/DC", "mood|calm")
        + listed("digiKam:TagsList", "places/Europe/Spain", "mood/still", kind="Seq")
    )
    found = written(jpeg_of(xmp))
    assert found.keywords == ("beach", "Spain", "AC/DC", "calm", "still")
    assert found.keyword_paths == ("places|Europe|Spain", "AC/DC", "mood|calm", "mood|still")


def test_what_windows_writes_is_read() -> None:
    exif = exif_of(
        {
            0x9C9B: "Sommerfest".encode("utf-16-le"),
            0x9C9E: "Fête;Zürich;".encode("utf-16-le"),
            0x9C9D: "Jürg Ägerter".encode("utf-16-le"),
            0x4746: 3,
        }
    )
    found = written(jpeg_of(exif=exif))
    assert (found.title, found.creator) == ("Sommerfest", "Jürg Ägerter")
    assert (found.keywords, found.rating) == (("Fête", "Zürich"), "3")


@pytest.mark.parametrize(
    ("given", "rating"),
    [("5", "5"), ("4.0", "4"), ("-1", "-1"), ("0", ""), ("9e9", ""), ("nan", ""), ("good", "")],
)
def test_ratings_are_stars(given: str, rating: str) -> None:
    xmp = xmp_of(attributes=f'xmp:Rating="{given}" xmp:Label="Red"')
    assert written(jpeg_of(xmp)).rating == rating


@pytest.mark.parametrize(
    ("per_cent", "rating"), [(1, "1"), (25, "2"), (50, "3"), (75, "4"), (99, "5")]
)
def test_ratings_of_windows_are_per_cent(per_cent: int, rating: str) -> None:
    assert (
        written(jpeg_of(xmp_of(attributes=f'MicrosoftPhoto:Rating="{per_cent}"'))).rating == rating
    )


@pytest.mark.parametrize(
    "text", ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "Exif_JPEG_PICTURE", "Untitled", "  "]
)
def test_what_a_camera_writes_into_every_photo_is_no_caption(text: str) -> None:
    assert tell(jpeg_of(exif=exif_of({0x010E: text})), LIMITS).written is None


def test_texts_of_exif_may_be_of_three_encodings() -> None:
    for encoding in ("utf-8", "cp1252"):
        exif = exif_of({0x013B: "Zoë “Zo” Ångström".encode(encoding).decode("latin-1")})
        assert written(_with_raw_artist(exif, encoding)).creator == "Zoë “Zo” Ångström"


def _with_raw_artist(exif: Any, encoding: str) -> bytes:
    """Pillow writes ASCII alone: put the bytes where it has written as many letters."""
    text = "Zoë “Zo” Ångström".encode(encoding)
    exif[0x013B] = "x" * len(text)
    return jpeg_of(exif=exif).replace(b"x" * len(text), text)


def test_when_and_with_what_it_was_taken_the_camera_knows_best() -> None:
    exif = exif_of(
        {0x010F: "Canon", 0x0110: "Canon EOS R5"},
        {0x9003: "2024:05:01 12:30:00", 0xA434: "RF24-70mm F2.8 L"},
    )
    xmp = xmp_of(
        attributes='photoshop:DateCreated="2023-01-02" tiff:Model="X" exifEX:LensModel="Y"'
    )
    told = tell(jpeg_of(xmp, exif=exif), LIMITS)
    assert (told.taken, told.camera) == ("2024-05-01T12:30:00", "Canon EOS R5")
    mended = xmp_of(attributes='exif:DateTimeOriginal="2024-05-02T08:00:00+02:00"')
    assert tell(jpeg_of(xmp, exif=exif), LIMITS, mended).taken == "2024-05-02T08:00:00"
    same_day = xmp_of(attributes='photoshop:DateCreated="2024-05-01"')
    assert tell(jpeg_of(exif=exif), LIMITS, same_day).taken == "2024-05-01T12:30:00"
    scan = xmp_of(attributes='photoshop:DateCreated="1936-07" tiff:Make="Leica" tiff:Model="III"')
    told = tell(jpeg_of(scan), LIMITS)
    assert (told.taken, told.camera) == ("1936-07", "Leica III")


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("20240500", "2024-05"), ("20240000", "2024"), ("00000000", ""), ("20241399", ""),
        ("2999-01-01", ""), ("1700-01-01", ""), ("2024-05-01T25:00", ""), ("yesterday", ""),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_none(given: str, taken: str) -> None:
    assert tell(jpeg_of(iim=iim_of({55: given, 90: "Oslo"})), LIMITS).taken == taken


def test_xmp_that_has_no_room_in_one_segment_is_joined() -> None:
    name = "0123456789ABCDEF0123456789ABCDEF"
    rest = xmp_of(in_languages("dc:description", x="word " * 30_000))
    first = xmp_of(attributes=f'xmpNote:HasExtendedXMP="{name}" photoshop:City="Oslo"')
    begins = b"http://ns.adobe.com/xmp/extension/\0" + name.encode()
    pieces = [
        segment(
            0xE1,
            begins
            + len(rest).to_bytes(4, "big")
            + start.to_bytes(4, "big")
            + rest[start : start + 60_000],
        )
        for start in range(0, len(rest), 60_000)
    ]
    found = written(jpeg_of(first, segments=pieces[::-1]))
    assert found.city == "Oslo"
    assert found.caption.startswith("word word")
    assert len(found.caption) <= 20_000


def test_every_member_has_an_origin() -> None:
    assert {origin.field for origin in ORIGINS} == set(Written.__dataclass_fields__)
