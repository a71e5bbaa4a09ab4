from __future__ import annotations

import pytest

from photoseek.download.robots import forbidden_by


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], None),
        (["all"], None),
        (["nofollow, noarchive"], None),
        (["noai"], "noai"),
        (["NoImageAI"], "noai"),
        (["noindex"], "noindex"),
        (["noimageindex, nofollow"], "noindex"),
        (["none"], "noindex"),
        (["nofollow", "noai"], "noai"),
        (["googlebot: noindex"], None),
        (["googlebot: noindex, noai"], None),
        (["photoseek: noai"], "noai"),
        (["Photoseek: nofollow, noai"], "noai"),
        (["*: noindex"], "noindex"),
        (["googlebot: nofollow, photoseek: noindex"], "noindex"),
        (["googlebot: noai", "noindex"], "noindex"),
        (["unavailable_after: 25 Jun 2040 15:00:00 PST, noai"], "noai"),
        (["unavailable_after: Wed, 25 Jun 2040 15:00:00 GMT, noindex"], "noindex"),
        (["max-image-preview: large, noindex"], "noindex"),
        (["max-image-preview: none"], None),
        (["", ",", ":", "::noai"], None),
    ],
)
def test_who_may_not_have_the_photo(values: list[str], reason: str | None) -> None:
    assert forbidden_by(values) == reason
