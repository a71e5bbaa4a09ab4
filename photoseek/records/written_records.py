"""What people have written into a photo's file, or into the side-car beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TERMS = 200
"""Characters of terms that still name a licence; longer ones are its text."""

_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/"
    r"(?:licenses/(?P<terms>by(?:-nc)?(?:-nd|-sa)?)|publicdomain/(?P<public>zero|mark))"
    r"/(?P<version>\d\.\d)\b",
    re.IGNORECASE | re.ASCII,
)
_PUBLIC = {"zero": "CC0", "mark": "PDM"}


@dataclass(frozen=True, slots=True)
class Written:
    """What a photo's file says of it in words: its XMP, IPTC and EXIF, and its side-car.

    `keywords` are single ones, `keyword_paths` those of a hierarchy as a whole, "places|Europe|
    Spain", whose last parts are keywords as well. `rating` is one of "1" to "5", or "-1" for a
    photo that was rejected. `licence_url`, `web_statement` (the page about its rights) and
    `licensor_url` (where a licence is to be had) are http(s) URLs. `model_release` and
    `property_release` say whether the people and the property on it have agreed: "unlimited",
    "limited", "none" or "not applicable". All are "" or empty where unknown.
    """

    headline: str = ""
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    keyword_paths: tuple[str, ...] = ()
    creator: str = ""
    credit: str = ""
    copyright: str = ""
    usage_terms: str = ""
    licence_url: str = ""
    web_statement: str = ""
    licensor_url: str = ""
    model_release: str = ""
    property_release: str = ""
    source: str = ""
    rating: str = ""
    label: str = ""
    city: str = ""
    country: str = ""
    lens: str = ""

    @property
    def licence(self) -> str:
        """Under which terms it may be used, in as few words as it says.

        The name of a Creative Commons licence, such as CC-BY-4.0; else the terms where they are
        short, the URL of a licence, the copyright notice.
        """
        for url in (self.licence_url, self.web_statement):
            if name := creative_commons(url):
                return name
        terms = self.usage_terms
        if name := creative_commons(terms):
            return name
        return (terms if len(terms) <= LONGEST_TERMS else "") or self.licence_url or self.copyright

    @property
    def page(self) -> str:
        """The page that it comes from or that tells of its rights."""
        source = self.source if re.match(r"https?://\S+$", self.source) else ""
        return self.licensor_url or self.web_statement or source

    @property
    def author(self) -> str:
        """Who is to be named beside it: its creator, and whom the credit line names besides."""
        if self.creator.casefold() in self.credit.casefold():
            return self.credit
        return f"{self.creator} / {self.credit}" if self.credit else self.creator


def creative_commons(text: str) -> str:
    """The short name of the Creative Commons licence whose URL stands in a text, or ""."""
    found = _CREATIVE_COMMONS.search(text)
    if found is None:
        return ""
    name = _PUBLIC.get((found["public"] or "").lower()) or f"CC-{found['terms'].upper()}"
    return f"{name}-{found['version']}"
