"""What an indexing run sends and gets, as JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SkipValidation

from photoseek.description_limits import MAX_IDS
from photoseek.gateway.routes.filter_models import Strict
from photoseek.records import Keep
from photoseek.settings.form_errors import of_form

_PLACE = "^([0-9a-f]{32})?$"


class PhotoToIndex(Strict):
    """A photo to index, as its source describes it."""

    id: str = Field(description="Stable from run to run.")
    uri: str = Field(description="Where its bytes lie: a path, an s3:// URI or a URL.")
    version: str = Field("", description="Another one whenever the bytes may be others.")
    caption: str = ""
    tags: list[str] = Field([])
    photographer: str = ""
    licence: str = ""
    source_url: str = ""
    folder: str = Field("", description="What it lies in as seen from its source: Travel/Italy.")
    metadata: dict[str, str] = Field({})
    sidecar: str = Field(
        "",
        description="Where the file of XMP beside it lies: at its uri with .xmp for its extension "
        "or after it.",
    )
    known_hash: str = Field(
        "",
        max_length=64,
        description="The content_hash that the index has; of the same bytes only texts are stored. "
        'Behind "=" the bytes are known to be the same, and are not read. Behind "+" the photo is '
        "encoded again, as something else is to be kept of it.",
    )
    keep: Keep = Field("thumbnail", description="What the index keeps of its pixels.")


class Batch(Strict):
    """Photos to index in one commit. A faulty one has an outcome of its own."""

    photos: list[SkipValidation[PhotoToIndex]] = Field(description="At most 512.")


class OutcomeModel(BaseModel):
    """What became of a photo."""

    id: str
    uri: str
    outcome: Literal["indexed", "updated", "skipped"]
    error: str = Field(description="Why it was skipped.")


class Outcomes(BaseModel):
    """What became of the photos of a batch, in their order."""

    outcomes: list[OutcomeModel]


class ManyIds(Strict):
    """Photos by id."""

    ids: list[str] = Field(max_length=MAX_IDS)


class Deletion(ManyIds):
    """Photos to forget."""

    vanished: bool = Field(
        False, description="They vanished from their source. Others stay out of later index runs."
    )


class Deleted(BaseModel):
    """How many of the photos were there."""

    deleted: int


class KnownModel(BaseModel):
    """What the index holds of a photo; of one that was deleted on purpose, that."""

    fingerprint: str
    content_hash: str
    keep: Keep
    deleted: bool


class Known(BaseModel):
    """What the index knows of photos, by id."""

    photos: dict[str, KnownModel]


class FingerprintsWanted(Strict):
    """Fingerprints of the photos of an index, a page of them."""

    most: int = Field(ge=0, description="Of an index with more photos none are given.")
    keep: Keep | None = Field(
        None, description="Only of photos of which the index keeps so much. Default: of all."
    )
    after: Annotated[str, of_form(_PLACE, "Give next_after of the page before")] = Field(
        "",
        json_schema_extra={"pattern": _PLACE},
        description="The `next_after` of the page before; none for the first one.",
    )


class FingerprintsModel(BaseModel):
    """Fingerprints in their order."""

    fingerprints: str | None = Field(
        description="Base64 of 16 bytes for each; null where photos are to be asked for by id."
    )
    next_after: str = Field(description='What the next page comes after; "" after the last one.')


class IndexModel(BaseModel):
    """The model that searches, and the index."""

    model: str
    fingerprint: str = Field(description="Of the model's weights, and how they are run.")
    dimensions: int
    precision: str
    device: str
    location: str
    photos: int
    ann: bool = Field(description="Whether searches go through an approximate index.")
    reads_text: bool = Field(description="Whether the text in pictures is read as they come.")
    problem: str = Field(description="Why nothing can be found, where the index is gone.")
    keyword_fields: list[str] = Field(
        description="Fields whose words are found by keywords, beside captions and tags."
    )
