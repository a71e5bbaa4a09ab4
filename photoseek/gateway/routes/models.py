"""What the API takes and gives, as JSON. The OpenAPI document is made from this."""

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from photoseek.description_limits import MAX_FILTERS, MAX_OFFSET, MAX_TOP_K
from photoseek.flow.json_bytes import JsonBytes
from photoseek.search.grammar import MAX_PARTS, MAX_TEXT, MAX_WEIGHT

Mode = Literal["meaning", "hybrid"]
Orientation = Literal["landscape", "portrait", "square"]
Id = Annotated[str, Field(min_length=1, max_length=1_000)]
Value = Annotated[str, Field(min_length=1, max_length=1_000)]
Values = Annotated[list[Value], Field(max_length=MAX_FILTERS)]
Date = Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
Limit = Annotated[int, Field(ge=1, le=MAX_TOP_K)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]


class Strict(BaseModel):
    """A member that nobody knows is an error rather than a filter that is not applied."""

    model_config = ConfigDict(extra="forbid")


class Filters(Strict):
    """Which photos may be found at all. Every filter must hold."""

    tags: Values = Field([], description="Tags that a photo must all have.")
    licence: Values = Field([], description="Any of these licences.")
    photographer: Values = Field([], description="Any of these photographers.")
    orientation: list[Orientation] = Field([], max_length=3, description="Any of these.")
    colour: Values = Field(
        [], description="Any of these colours: a name such as red, or #rrggbb.", examples=[["red"]]
    )
    min_width: int | None = Field(None, ge=0, description="Least width in pixels.")
    min_height: int | None = Field(None, ge=0, description="Least height in pixels.")
    taken_from: Date | None = Field(
        None, description="Taken then or later: a year, month or day.", examples=["2024-05"]
    )
    taken_to: Date | None = Field(None, description="Taken then or earlier, inclusive.")
    where: Values = Field([], description="Filters as in the command line: width >= 2000")


class Part(Strict):
    """One part of a query: exactly one of text, image, id or vector."""

    text: str | None = Field(None, min_length=1, max_length=MAX_TEXT)
    image: JsonBytes | None = Field(None, description="A picture, as base64 or a data: URI.")
    id: Id | None = Field(None, description="A photo of the index.")
    vector: str | None = Field(
        None, max_length=20_000, description="The embedding of a picture, out of an earlier answer."
    )
    weight: float = Field(
        1.0, ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Below 0: what the photos should not show."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [n for n in ("text", "image", "id", "vector") if getattr(self, n) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            raise ValueError(f"A part needs exactly one of text, image, id or vector; got {got}")
        if not self.weight:
            raise ValueError("A part has the weight 0. Give another weight, or leave it out")
        return self


class Paging(Strict):
    """A page of the answer, and how photos are ranked."""

    limit: Limit = Field(20, description="Photos on a page.")
    offset: Offset = Field(0, description="Photos to skip; see next_offset of an answer.")


class Ranked(Paging):
    """How photos are ranked."""

    mode: Mode = Field(
        "meaning", description="hybrid also looks for the words in captions and tags."
    )
    dedupe: bool = Field(False, description="Take copies of a photo together.")


class SearchParameters(Ranked, Filters):
    """A search in a URL."""

    q: str = Field(
        "",
        max_length=30_000,
        description='What to find: red car, or "red car" + id:ab12 - 0.5:"snow". '
        "Without it, the newest photos.",
        examples=["red car at night"],
    )


class ListParameters(Paging, Filters):
    """A page of the photos that pass filters."""


class SearchBody(Ranked):
    """A search in JSON."""

    query: (
        Annotated[list[Part], Field(max_length=MAX_PARTS)]
        | Annotated[str, Field(max_length=30_000)]
    ) = Field("", description="Weighted parts, or one text as in q.")
    filter: Filters = Filters()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": [{"text": "red car"}, {"text": "snow", "weight": -0.5}],
                    "filter": {"licence": ["CC0-1.0"], "min_width": 2000},
                    "limit": 20,
                }
            ]
        }
    )


class Ids(Strict):
    """Photos by id."""

    ids: list[Id] = Field(min_length=1, max_length=MAX_TOP_K)


class Links(BaseModel):
    """Where to go on from a photo: paths on this server, and the photo without this server."""

    self: str
    thumbnail: str
    original: str
    direct: str = Field(description='Its URL, presigned for one in S3; "" for a local file.')


class PhotoModel(BaseModel):
    """A photo of the index."""

    id: str
    caption: str
    tags: list[str]
    photographer: str
    licence: str
    attribution: str = Field(description="What to print beside the photo, ready-made.")
    source_url: str
    uri: str = Field(description="Where its bytes lie: a path, an s3:// URI or a URL.")
    width: int
    height: int
    orientation: Orientation
    colour: str = Field(description='The dominant colour, "#rrggbb", or "".')
    colours: list[str] = Field(description="Names of the colours that cover a good part of it.")
    taken: str = Field(description='When the camera says it was taken, or "".')
    content_hash: str
    metadata: dict[str, str]
    links: Links


class HitModel(PhotoModel):
    """A photo that was found."""

    rank: int
    score: float | None = Field(description="Cosine similarity in [-1, 1]; null in a plain list.")
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


class SearchAnswer(BaseModel):
    """A page of photos, best first."""

    query: Understood
    mode: Literal["meaning", "hybrid", "browse"]
    total: int = Field(description="Photos that pass the filters.")
    confidence: Literal["high", "medium", "low"] | None = Field(
        description="Whether the best photos stand out from this library; on the first page only."
    )
    next_offset: int | None = Field(description="Where the next page begins; null at the end.")
    timing: Timing
    hits: list[HitModel]


class Count(BaseModel):
    """How many photos have a value."""

    value: str
    count: int


class FacetsModel(BaseModel):
    """What the photos that pass the filters have in common, most photos first."""

    total: int
    tags: list[Count]
    licence: list[Count]
    photographer: list[Count]
    orientation: list[Count]
    colours: list[Count]
    years: list[Count]


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
    upload: bool = Field(description="Whether photos can be handed in.")
    key_needed: Literal["none", "write", "all"]
