"""What is known of a photo: its source goes before its file, and the file fills what is left."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from hashlib import blake2b

import pytest

from photoseek.description_limits import checked
from photoseek.errors import DescriptionError
from photoseek.records import Photo, StoredPhoto, Traits, Written, sidecars_of
from photoseek.records.written_records import creative_commons
from photoseek.store.record_json import from_record, stored_json, stored_of_json, to_record

TOLD = Written(
    headline="Storm",
    caption="Waves over the pier",
    keywords=("storm", "sea"),
    creator="Anna Berg",
    credit="Nordlys",
    copyright="© Anna Berg",
    web_statement="https://nordlys.example/rights",
)


def stored(photo: Photo, written: Written | None = TOLD) -> StoredPhoto:
    return StoredPhoto(photo, "0" * 32, 3, 2, Traits(taken="2024", written=written))


def test_a_file_fills_what_its_source_does_not_say() -> None:
    bare = Photo("1", "/a.jpg")
    assert stored(bare).described == replace(
        bare,
        caption="Waves over the pier",
        tags=("storm", "sea"),
        photographer="Anna Berg",
        licence="© Anna Berg",
        source_url="https://nordlys.example/rights",
    )
    said = replace(bare, caption="A pier", tags=("pier",), photographer="Jo", licence="MIT")
    described = stored(said).described
    assert described == replace(said, source_url="https://nordlys.example/rights")
    assert stored(bare, None).described is bare


@pytest.mark.parametrize(
    ("credit", "named"),
    [
        ("Nordlys", "Photo by Anna Berg / Nordlys, © Anna Berg, https://nordlys.example/rights"),
        ("Anna Berg/AP", "Photo by Anna Berg/AP, © Anna Berg, https://nordlys.example/rights"),
        ("", "Photo by Anna Berg, © Anna Berg, https://nordlys.example/rights"),
    ],
)
def test_the_credit_line_counts_in_the_attribution(credit: str, named: str) -> None:
    assert stored(Photo("1", "/a.jpg"), replace(TOLD, credit=credit)).attribution == named


def test_the_credit_line_of_a_file_adds_nothing_to_a_manifests_photographer() -> None:
    photo = Photo(
        "1", "/a.jpg", photographer="Jo Ek", licence="MIT", source_url="https://x.example"
    )
    assert stored(photo).attribution == "Photo by Jo Ek, MIT, https://x.example"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc-sa/2.5/ch/deed.de", "CC-BY-NC-SA-2.5"),
        ("under https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/", ""),
        ("https://example.org/licenses/by/4.0", ""),
    ],
)
def test_creative_commons_by_their_short_names(url: str, name: str) -> None:
    assert creative_commons(url) == name
    assert Written(licence_url=url, copyright="© A").licence == (name or url)


def test_terms_that_are_long_are_no_name_of_a_licence() -> None:
    terms = Written(usage_terms="word " * 60, copyright="© A")
    assert terms.licence == "© A"
    assert replace(terms, usage_terms="Editorial use only").licence == "Editorial use only"


def test_what_is_written_is_kept_with_the_record_of_a_photo() -> None:
    photo = Photo("1", "/a.jpg", "1-2+3-4", sidecar="/a.xmp", metadata={"project": "x"})
    for each in (stored(photo), stored(Photo("2", "/b.jpg"), None)):
        assert from_record(to_record(each)) == each
        assert stored_of_json(stored_json(each)) == each
    assert "sidecar" not in to_record(stored(Photo("2", "/b.jpg"), None))
    assert "more_traits" not in to_record(stored(Photo("2", "/b.jpg"), None))


def test_a_photo_without_a_side_car_has_the_fingerprint_that_it_always_had() -> None:
    photo = Photo("1", "/a.jpg", "5-17", "red car", ("car",), metadata={"project": "x"})
    assert photo.fingerprint == FINGERPRINT_OF_VERSION_0_3
    assert replace(photo, sidecar="/a.xmp").fingerprint == photo.fingerprint


ODD = 'a "b" \\ \n\x00\x7f é \u2028 日本 \udcff'
EVERYTHING = Photo(
    id=f"id{ODD}",
    uri=f"/uri{ODD}",
    version="1-2",
    caption=ODD,
    tags=(ODD, ""),
    photographer=f"photographer{ODD}",
    licence=f"licence{ODD}",
    source_url=f"https://a.example/{ODD}",
    metadata={"b": "2", "a": ODD},
    folder=f"folder{ODD}",
)


@pytest.mark.parametrize(
    "photo",
    [
        EVERYTHING,
        replace(EVERYTHING, folder=""),
        Photo("1", "https://a.example/1.jpg?ixid=tracked&w=9", "1-2", tags=("?ixid=x", "y")),
        Photo("1", "/a.jpg", "1-2"),
    ],
)
def test_a_fingerprint_is_that_of_all_fields_as_json(photo: Photo) -> None:
    told = {each.name: getattr(photo, each.name) for each in fields(photo)}
    del told["sidecar"]
    if not photo.folder:
        del told["folder"]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    text = text.replace("ixid=tracked", "").replace("ixid=x", "")
    made = blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    assert photo.fingerprint == made


FINGERPRINT_OF_VERSION_0_3 = "cefb3cd314c65a8fd7bb83616a406540"


def test_how_a_side_car_may_be_called() -> None:
    assert sidecars_of("/A.b/IMG_1.JPG") == ("/a.b/img_1.jpg.xmp", "/a.b/img_1.xmp")
    assert sidecars_of("/a.b/img") == ("/a.b/img.xmp", "/a.b/img.xmp")


@pytest.mark.parametrize("sidecar", ["/etc/passwd", "/b/a.xmp", "/a.jpg", "/a.jpg.xmp/../b.xmp"])
def test_nothing_but_what_lies_beside_a_photo_is_its_side_car(sidecar: str) -> None:
    for beside in ("/a.xmp", "/a.JPG.xmp", "/A.XMP"):
        assert checked(Photo("1", "/a.jpg", sidecar=beside)).sidecar == beside
    with pytest.raises(DescriptionError, match="is no side-car of it"):
        checked(Photo("1", "/a.jpg", sidecar=sidecar))
