from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.helpers.uri import is_s3, is_web, scheme_of


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [
        ("s3://bucket/a.jpg", "s3"),
        ("S3://bucket/a.jpg", "s3"),
        ("HTTPS://example.org/a://b", "https"),
        ("file:///a.jpg", "file"),
        ("/photos/a.jpg", ""),
        ("/odd/s3://bucket/a.jpg", ""),
        ("photos/http://x", ""),
        ("unsplash:red car", ""),
        (r"C:\Users\Ann\hund.jpg", ""),
        ("C:/Users/Ann/hund.jpg", ""),
        ("c://Users/Ann/hund.jpg", ""),
        (r"\\server\share\x.jpg", ""),
        (r"bilder\s3://x.jpg", ""),
        ("file:///C:/Users/Ann/hund.jpg", "file"),
        ("", ""),
    ],
)
def test_schemes(uri: str, scheme: str) -> None:
    assert scheme_of(uri) == scheme
    assert is_s3(uri) == (scheme == "s3")
    assert is_web(uri) == (scheme == "https")


def test_paths_lie_on_this_machine() -> None:
    assert not is_s3(Path("s3:/bucket"))
