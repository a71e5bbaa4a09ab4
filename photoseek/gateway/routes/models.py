"""What the API gives, as JSON. The OpenAPI document is made from this."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, Field, create_model

from photoseek.photos.origins import LISTS, ORIGINS
from photoseek.records import Confidence, Orientation, Traits
from photoseek.store.fields import BY_NAME, FACETS


class Links(BaseModel):
    """Where to go on from a photo: paths on this server, and the photo without this server."""

    self: str
    thumbnail: str
    thumbnail_large: str = Field(
        description="The same with 640 pixels on its longest side, made when it is asked for; "
        '"" where it would be no larger, or its stock service wants its photos shown from there.'
    )
    original: str
    direct: str = Field(description='Its URL, presigned for one in S3; "" for a local file.')


class Count(BaseModel):
    """How many photos have a value."""

    value: str
    count: int


_UNTOLD = ("phash", "written")
"""A trait that only comparisons need, and one that has a member of its own."""

TRAITS = tuple(trait.name for trait in fields(Traits) if trait.name not in _UNTOLD)
"""What the API tells of a photo's file, besides its size."""


def _traits() -> dict[str, Any]:
    types = get_type_hints(Traits)
    members: dict[str, Any] = {}
    for name in TRAITS:
        is_text = types[name] is str
        field = BY_NAME.get(name)
        about = f"{field.label}: {field.about}" if field else f"The {name} of all of it, as #rrggbb"
        unknown = '""' if is_text else "[]"
        given = Field(description=f"{about}; {unknown} where unknown.")
        members[name] = (str if is_text else list[str], given)
    return members


def _written() -> dict[str, Any]:
    members: dict[str, Any] = {}
    for origin in ORIGINS:
        is_list, first = origin.field in LISTS, ", ".join(origin.xmp[:1])
        given = Field(description=f"{origin.label}, such as {first}.")
        members[origin.field] = (list[str] if is_list else str, given)
    return members


if TYPE_CHECKING:

    class WrittenModel(BaseModel):
        """What a photo's file says of it in words."""

    class _TraitsModel(BaseModel): ...

    class _Facets(BaseModel): ...

else:
    WrittenModel = create_model(
        "Written",
        __doc__="What a photo's file and its side-car say of it in words: XMP, IPTC and EXIF.",
        **_written(),
    )
    _TraitsModel = create_model("TraitsModel", **_traits())
    _Facets = create_model("Facets", **{field.facet: (list[Count], ...) for field in FACETS})


class LineModel(BaseModel):
    """A line of writing in a picture."""

    text: str
    confidence: float = Field(description="How sure the reader is of it, from 0 to 1.")
    corners: list[tuple[float, float]] = Field(
        description="Of the box around it, each how far from the left and from above, as parts of "
        "width and height: above the first letter, above the last, below the last, below the first."
    )


class TextModel(BaseModel):
    """What was read in a picture."""

    reader: str = Field(description="What has read it, in which version.")
    is_rough: bool = Field(description="Whether there was no more to read than a thumbnail.")
    lines: list[LineModel]


class PhotoModel(_TraitsModel):
    """A photo of the index. What its source does not say is taken from its file."""

    id: str
    caption: str
    tags: list[str]
    photographer: str
    licence: str
    attribution: str = Field(description="What to print beside the photo, ready-made.")
    source_url: str
    folder: str = Field(description="What it lies in as seen from its source: Travel/Italy.")
    uri: str = Field(description="Where its bytes lie: a path, an s3:// URI or a URL.")
    width: int
    height: int
    orientation: Orientation
    content_hash: str
    metadata: dict[str, str]
    indexed_at: str | None = Field(
        description="Since when its bytes are in the index, in ISO 8601 and UTC; null where an "
        "indexer of an earlier version does not tell."
    )
    written: WrittenModel | None = Field(
        description="What its file says of it, whatever its source says; null for nothing."
    )
    text: TextModel | None = Field(
        description="What is written in the picture; null where nobody has read it."
    )
    links: Links


class HitModel(PhotoModel):
    """A photo that was found."""

    rank: int
    score: float | None = Field(description="Cosine similarity in [-1, 1]; null in a plain list.")
    lines_found: list[str] = Field(
        description="Lines of its text that have a word of the query, in a hybrid search."
    )
    duplicates: list[PhotoModel] = Field(description="Copies of it that rank lower.")


class TextPart(BaseModel):
    """A part of the query that is a text."""

    kind: Literal["text"]
    text: str
    weight: float


class PhotoPart(BaseModel):
    """A part of the query that is a photo of the index."""

    kind: Literal["id"]
    id: str
    weight: float


class PicturePart(BaseModel):
    """A part of the query that is a picture, as its embedding."""

    kind: Literal["vector"]
    vector: str
    weight: float


UnderstoodPart = Annotated[TextPart | PhotoPart | PicturePart, Field(discriminator="kind")]


class Understood(BaseModel):
    """The query as it was understood; `text` is the same query for a link's q."""

    text: str
    parts: list[UnderstoodPart]


class Timing(BaseModel):
    """Where the time went, in milliseconds. The total includes the way between the parts."""

    encode_ms: float
    search_ms: float
    total_ms: float


class OwnFacet(BaseModel):
    """How many photos have which value in a column of their manifest."""

    field: str = Field(description="Its name in filters, such as metadata.project.")
    title: str = Field(description="Its name in the manifest.")
    values: list[Count]


class FacetsModel(_Facets):
    """What the photos that pass the filters have in common, most photos first."""

    total: int
    metadata: list[OwnFacet] = Field(
        description="Columns of manifests in which photos have few different values."
    )


class SearchAnswer(BaseModel):
    """A page of photos, best first."""

    query: Understood
    hint: str = Field(description="What may have been meant by the query or a filter, in words.")
    suggestion: str = Field(description='The query that may have been meant, as q, or "".')
    mode: Literal["meaning", "hybrid", "browse"]
    total: int = Field(description="Photos that pass the filters.")
    confidence: Confidence | None = Field(
        description="Whether the best photos stand out from this library; on the first page only."
    )
    next_offset: int | None = Field(description="Where the next page begins; null at the end.")
    next_after: str | None = Field(
        description="The same for a list without a query, as `after`: photos that are added "
        "meanwhile move nothing. Null at the end, and with a query."
    )
    timing: Timing
    hits: list[HitModel]
    facets: FacetsModel | None = Field(
        None,
        description="Counts, where they were asked for and did not take much longer than the hits: "
        "else null. /api/facets has them alone.",
    )


class SearchAnswers(BaseModel):
    """The answers to a batch of searches, in their order."""

    answers: list[SearchAnswer]


class EmbeddingsAnswer(BaseModel):
    """Vectors of length 1, in the order of what was asked; a dot product is a similarity."""

    model: str
    fingerprint: str = Field(description="Vectors with another one cannot be compared with these.")
    tokenizer: str = Field(
        description="Vectors of texts with another one were read otherwise. Empty where the model "
        "has OpenCLIP's own, or no text was asked for."
    )
    dimensions: int
    embeddings: list[list[float]]


class Stats(BaseModel):
    """What is served."""

    photos: int
    model: str
    dimensions: int
    precision: str
    device: str
    location: str
    ann: bool = Field(description="Whether searches go through an approximate index.")
    version: str
    reads_text: bool = Field(description="Whether the text in pictures is read as they come.")
    upload: bool = Field(description="Whether photos can be handed in.")
    clicks: bool = Field(description="Whether it is kept what people say of hits.")
    folders: bool = Field(
        description="Whether who asks sits at the gateway's machine, and may index its folders."
    )
    key_needed: Literal["none", "write", "all"]
