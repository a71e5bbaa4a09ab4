"""Which part of a file says what: one table, in the order in which the parts are asked.

XMP is asked first, by the properties of IPTC Core and Extension, then IPTC-IIM, then EXIF, then the
texts of a PNG. The guide's table is made from this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a member of `photoseek.records.Written` comes from.

    `xmp` are properties, `iim` is the number of a data set of record 2, `exif` are names of tags,
    and `png` are keywords of texts; of each the first that says something counts. `longest` is how
    many characters are kept.
    """

    field: str
    label: str
    xmp: tuple[str, ...]
    iim: int = 0
    exif: tuple[str, ...] = ()
    png: tuple[str, ...] = ()
    longest: int = 2_000


ORIGINS = (
    Origin("headline", "Headline", ("photoshop:Headline",), 105),
    Origin("title", "Title", ("dc:title",), 5, ("XPTitle",), ("Title",)),
    Origin(
        "caption", "Caption", ("dc:description", "tiff:ImageDescription"), 120,
        ("ImageDescription", "XPSubject", "XPComment"), ("Description",), 20_000,
    ),
    Origin("keywords", "Keywords", ("dc:subject",), 25, ("XPKeywords",), longest=1_000),
    Origin(
        "keyword_paths", "Keywords in a hierarchy",
        (
            "lr:hierarchicalSubject", "digiKam:TagsList", "MicrosoftPhoto:LastKeywordXMP",
            "mediapro:CatalogSets",
        ),
        longest=1_000,
    ),
    Origin(
        "creator", "Creator", ("dc:creator", "tiff:Artist"), 80, ("Artist", "XPAuthor"), ("Author",)
    ),
    Origin("credit", "Credit line", ("photoshop:Credit",), 110),
    Origin(
        "copyright", "Copyright", ("dc:rights", "tiff:Copyright"), 116, ("Copyright",),
        ("Copyright",),
    ),
    Origin("usage_terms", "Usage terms", ("xmpRights:UsageTerms",), longest=20_000),
    Origin("licence_url", "Licence", ("cc:license", "plus:TermsAndConditionsURL")),
    Origin("web_statement", "Page about its rights", ("xmpRights:WebStatement",)),
    Origin("licensor_url", "Page of its licensor", ("plus:Licensor/plus:LicensorURL",)),
    Origin("model_release", "Model release", ("plus:ModelReleaseStatus",)),
    Origin("property_release", "Property release", ("plus:PropertyReleaseStatus",)),
    Origin("source", "Source", ("photoshop:Source", "dc:source"), 115),
    Origin("rating", "Rating", ("xmp:Rating", "MicrosoftPhoto:Rating"), exif=("Rating",)),
    Origin("label", "Label", ("xmp:Label",)),
    Origin(
        "city", "City",
        (
            "photoshop:City", "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:City",
            "Iptc4xmpExt:LocationShown/Iptc4xmpExt:City",
        ),
        90,
    ),
    Origin(
        "country", "Country",
        (
            "photoshop:Country", "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:CountryName",
            "Iptc4xmpExt:LocationShown/Iptc4xmpExt:CountryName",
        ),
        101,
    ),
    Origin("lens", "Lens", ("exifEX:LensModel", "aux:Lens"), exif=("LensModel",), longest=100),
)  # fmt: skip
"""All of them, in the order in which people are told of them."""

ADDRESSES = ("licence_url", "web_statement", "licensor_url")
"""Members that are http(s) URLs, or nothing."""

RELEASES = ("model_release", "property_release")
"""Members that are one of the states that PLUS knows."""

PNG_TEXTS = tuple(name for origin in ORIGINS for name in origin.png)

LISTS = ("keywords", "keyword_paths")
"""Members that are several texts."""

LINES = ("caption", "usage_terms")
"""Members that may have several lines."""

SLASHED = ("digiKam:TagsList", "MicrosoftPhoto:LastKeywordXMP")
"""Properties whose hierarchies have "/" between their parts; the others have "|"."""

TAKEN_XMP = ("exif:DateTimeOriginal", "photoshop:DateCreated")
CAMERA_XMP = ("tiff:Make", "tiff:Model")
TAKEN_IIM = (55, 60)
"""What says when a photo was taken, and by which camera, where its EXIF does not."""
