from __future__ import annotations

import pytest

from photoseek.files.names import disposition, own_name, picture_type


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("/photos/red car.jpg", "red car.jpg"),
        ("/photos/100%25?.jpg", "100%25_.jpg"),
        ("file:///photos/red%20car.jpg", "red car.jpg"),
        ("https://example.com/a/caf%C3%A9.jpg?w=640#x", "café.jpg"),
        ("https://example.com/a%2F..%2Fb.jpg", "a_.._b.jpg"),
        ("https://example.com/%ff.jpg", "\ufffd.jpg"),
        ("s3://bucket/deep/100%25?#.jpg", "100%25_#.jpg"),
        ('S3://bucket/a\r\nb"c.jpg', "a__b_c.jpg"),
        ("https://example.com/", "photo"),
        ("s3://bucket/..", "photo"),
        ("/photos/.hidden", "hidden"),
        ("/photos/" + "x" * 200 + ".jpg", "x" * 96 + ".jpg"),
        (r"C:\Users\Ann\hund.jpg", "hund.jpg"),
        ("C:/Users/Ann/rotes Auto.jpg", "rotes Auto.jpg"),
        (r"\\server\share\x.jpg", "x.jpg"),
        ("file:///C:/Users/Ann/rotes%20Auto.jpg", "rotes Auto.jpg"),
        ("/photos/aux.jpg", "_aux.jpg"),
        ("https://example.com/CON", "_CON"),
        ("/photos/nul.tar.jpg", "_nul.tar.jpg"),
        ("/photos/trailing. .", "trailing"),
        ("/photos/. .", "photo"),
        ("/photos/gru\u0308n.jpg", "gr\u00fcn.jpg"),
        ("/photos/a\u202egpj.exe", "agpj.exe"),
    ],
)
def test_a_file_keeps_its_name_where_it_can(uri: str, name: str) -> None:
    assert own_name(uri) == name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", "image/jpeg"),
        ("A.PNG", "image/png"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.psd", "image/vnd.adobe.photoshop"),
        ("a.HEIC", "image/heic"),
        ("a.jp2", "image/jp2"),
        ("a.cr2", "image/x-raw"),
        ("a.svg", "image/jpeg"),
        ("a.svgz", "image/jpeg"),
        ("a.html", "image/jpeg"),
        ("a.js", "image/jpeg"),
        ("a.TIFF", "image/tiff"),
        ("a.apng", "image/apng"),
        ("a", "image/jpeg"),
    ],
)
def test_a_photo_is_a_picture_whatever_its_name(name: str, kind: str) -> None:
    assert picture_type(name) == kind


def test_a_header_holds_any_name() -> None:
    assert disposition("attachment", "a b+c.jpg") == "attachment; filename*=UTF-8''a%20b%2Bc.jpg"
    assert disposition("inline", 'ü\ud800".jpg') == "inline; filename*=UTF-8''%C3%BC%3F%22.jpg"
