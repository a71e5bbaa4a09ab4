"""The fields of a photo, in one table: what it is found, counted and described by.

Columns of every engine, conditions, facets, the parameters of the API, the page's panel, the help
of `--filter` and the guide's table are made from it. To add a field, add where it is read, a
member of its record (`photoseek.records`), and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from photoseek.records import Orientation, StoredPhoto
from photoseek.store.kinds import (
    Date,
    Folders,
    Kind,
    Labels,
    Number,
    Shape,
    Stars,
    Text,
    folder_levels,
)
from photoseek.store.moments import Moment, text_of
from photoseek.store.word_sets import Words, words_kept


@dataclass(frozen=True, slots=True)
class Field:
    """One field. It can always be filtered by.

    `read` gives what a photo has there. `label` and `about` are for people. `parameter` is the
    filter of the API and the page that it has of its own, "" for none: any of several values, or
    with `every` all of them; for numbers the least one, for dates two of them, `_from` and `_to`.
    `facet` names the facet that counts its values, "" for none, of which the `most` frequent are
    given. With `keywords` its words are found by a hybrid search. One that is `of_files` is what
    files say of themselves; its name may be that of a column of a manifest as well, which then is
    meant too.
    """

    name: str
    kind: Kind
    read: Callable[[StoredPhoto], Any]
    label: str
    about: str
    parameter: str = ""
    every: bool = False
    facet: str = ""
    most: int | None = None
    keywords: bool = False
    of_files: bool = False


def _written(name: str, unknown: Any = "") -> Callable[[StoredPhoto], Any]:
    """What reads a member of what is written into a photo's file."""

    def read(stored: StoredPhoto) -> Any:
        written = stored.traits.written
        return unknown if written is None else getattr(written, name)

    return read


_MOST = 50

FIELDS = (
    Field(
        "tags", Labels(), lambda stored: stored.described.tags,
        "Tags", "what the photo is tagged with, without regard to case",
        parameter="tags", every=True, facet="tags", most=_MOST, keywords=True,
    ),
    Field(
        "suggested", Labels(), lambda stored: stored.traits.suggested,
        "Suggested", "keywords that `photoseek keywords --write` saw in it; no person gave them",
        parameter="suggested", every=True, facet="suggested", most=_MOST,
    ),
    Field(
        "folder", Folders(), lambda stored: folder_levels(stored.photo.folder),
        "Folder", "where it lies in its source, such as Travel/Italy, with all below that",
        parameter="folder", facet="folder", most=_MOST, keywords=True,
    ),
    Field("id", Text(), lambda stored: stored.photo.id, "Id", "the id in the index"),
    Field("uri", Text(), lambda stored: stored.photo.uri, "Place", "a path, URL or s3:// URI"),
    Field(
        "caption", Text(), lambda stored: stored.described.caption,
        "Caption", "the whole caption", keywords=True,
    ),
    Field(
        "photographer", Text(), lambda stored: stored.described.photographer,
        "Photographer", "who took it", parameter="photographer", facet="photographer", most=_MOST,
    ),
    Field(
        "licence", Text(), lambda stored: stored.described.licence,
        "Licence", "such as CC0-1.0", parameter="licence", facet="licence",
    ),
    Field(
        "source_url", Text(), lambda stored: stored.described.source_url,
        "Source", "the page that it comes from",
    ),
    Field(
        "content_hash", Text(), lambda stored: stored.content_hash,
        "Content hash", "32 hex digits over its bytes",
    ),
    Field(
        "width", Number(), lambda stored: stored.width,
        "Width", "pixels of the original", parameter="min_width",
    ),
    Field(
        "height", Number(), lambda stored: stored.height,
        "Height", "pixels of the original", parameter="min_height",
    ),
    Field(
        "pixels", Number(), lambda stored: stored.width * stored.height,
        "Size", "pixels of the original in all, width times height: 12000000 are 12 megapixels",
    ),
    Field(
        "orientation", Shape(get_args(Orientation)), lambda stored: stored.orientation,
        "Orientation", "landscape, portrait or square",
        parameter="orientation", facet="orientation",
    ),
    Field(
        "colours", Labels(), lambda stored: stored.traits.colours,
        "Colour", "names of colours that cover a good part of it",
        parameter="colour", facet="colours",
    ),
    Field(
        "taken", Date(), lambda stored: stored.traits.taken,
        "Taken", "when, by its camera: a year, month, day or moment",
        parameter="taken", facet="years",
    ),
    Field(
        "indexed_at", Moment(), lambda stored: text_of(stored.indexed_at),
        "Added", "since when its bytes are in the index, in UTC: a year, month, day or time",
        parameter="added",
    ),
    Field(
        "camera", Text(), lambda stored: stored.traits.camera,
        "Camera", "such as Canon EOS R5, by its EXIF",
        parameter="camera", facet="camera", most=_MOST,
    ),
    Field(
        "lens", Text(), _written("lens"),
        "Lens", "by its file",
        parameter="lens", facet="lens", most=_MOST, of_files=True,
    ),
    Field(
        "rating", Stars(), _written("rating"),
        "Rating", "stars, 1 to 5, in its file; -1 is a rejected photo",
        parameter="rating", facet="rating", of_files=True,
    ),
    Field(
        "label", Text(), _written("label"),
        "Label", "a coloured mark such as Red, in its file",
        parameter="label", facet="label", most=_MOST, of_files=True,
    ),
    Field(
        "country", Text(), _written("country"),
        "Country", "where it was taken, by its file",
        parameter="country", facet="country", most=_MOST, keywords=True, of_files=True,
    ),
    Field(
        "city", Text(), _written("city"),
        "City", "where it was taken, by its file",
        parameter="city", facet="city", most=_MOST, keywords=True, of_files=True,
    ),
    Field(
        "credit", Text(), _written("credit"),
        "Credit", "the credit line in its file",
        parameter="credit", facet="credit", most=_MOST, of_files=True,
    ),
    Field(
        "copyright", Text(), _written("copyright"),
        "Copyright", "the whole notice in its file", of_files=True,
    ),
    Field(
        "model_release", Text(), _written("model_release"),
        "Model release", "of the people on it, by its file: unlimited, limited, none",
        parameter="model_release", facet="model_release", of_files=True,
    ),
    Field(
        "property_release", Text(), _written("property_release"),
        "Property release", "of the property on it, by its file: unlimited, limited, none",
        parameter="property_release", facet="property_release", of_files=True,
    ),
    Field(
        "headline", Text(), _written("headline"),
        "Headline", "the whole headline in its file", keywords=True, of_files=True,
    ),
    Field(
        "title", Text(), _written("title"),
        "Title", "the whole title in its file", keywords=True, of_files=True,
    ),
    Field(
        "keyword_paths", Labels(), _written("keyword_paths", ()),
        "Keywords in a hierarchy", "as a whole, such as places|Europe|Spain, by its file",
        keywords=True, of_files=True,
    ),
    Field(
        "text", Words(), lambda stored: words_kept(stored.text.text) if stored.text else (),
        "Text in the picture", "words that stand in it, where `photoseek ocr` has read them",
        keywords=True,
    ),
)  # fmt: skip
"""All fields, in the order in which people are told of them."""

METADATA = "metadata."
"""How the names of fields begin that are columns of a user's own manifest."""

BY_NAME = {field.name: field for field in FIELDS}
FACETS = tuple(field for field in FIELDS if field.facet)


def metadata_field(name: str) -> Field:
    """The field of a column of a user's own manifest, such as metadata.project; a text."""
    own = name.removeprefix(METADATA)
    return Field(
        name, Text(), lambda stored: stored.photo.metadata.get(own, ""),
        own, "of your manifest", facet=name,
    )  # fmt: skip


def is_bare(name: str) -> bool:
    """Whether a name is that of no field, and means a column of a manifest without its prefix."""
    return name not in BY_NAME and not name.startswith(METADATA)


def also_own(name: str) -> bool:
    """Whether a name is that of a field and may also be meant for a column of a manifest."""
    return name in BY_NAME and BY_NAME[name].of_files


def field_named(name: str) -> Field:
    """The field of that name: one of the table, or else a column of a user's own manifest."""
    if name in BY_NAME:
        return BY_NAME[name]
    return metadata_field(name if name.startswith(METADATA) else METADATA + name)
