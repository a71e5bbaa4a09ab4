"""Photos on their way through the Flow, each with its own faults.

What is wrong with a photo to index is its own fault, and not its batch's: it is read all the same.

No `from __future__ import annotations` here: with it Jina drops the schema in silence.
"""

from typing import Any, Self, get_type_hints

from docarray import BaseDoc
from docarray.typing import NdArray
from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from photoseek import description_limits as limits
from photoseek.errors import DescriptionError
from photoseek.flow.json_bytes import JsonBytes
from photoseek.flow.old_names import OldNames
from photoseek.records import Keep, Photo, Traits
from photoseek.settings.form_errors import what_to_give

MAX_ERROR = 10_000

DESCRIPTION = (
    *("id", "uri", "version", "caption", "photographer", "licence", "source_url", "sidecar"),
    "folder",
)
"""The fields of a photo that are texts."""


def _traits_doc() -> Any:
    members = {name: list[str] if type_ in _LISTS else str for name, type_ in _TRAITS.items()}
    unknown = {name: "" if type_ is str else [] for name, type_ in members.items()}
    doc = """What a photo's file itself tells: see `photoseek.records.Traits`.

    `written` is JSON with those members of `photoseek.records.Written` that say something.
    """
    body = {"__annotations__": members, "__module__": __name__, "__doc__": doc, **unknown}
    return type(BaseDoc)("TraitsDoc", (OldNames,), body)


_TRAITS = get_type_hints(Traits)
_LISTS = (tuple[str, ...],)
TraitsDoc: Any = _traits_doc()


class PhotoDoc(BaseDoc):
    """A photo to index. `known_hash` is the content hash that the index holds for it, or "".

    A document that cannot be used (no id, a caption that is too long, a number for a text) is
    read all the same, as one that holds its `error` and little else, so that the other photos of
    its batch are indexed. Whoever sends photos leaves `error` empty.
    """

    id: str = Field("", json_schema_extra={"maxLength": limits.MAX_ID})
    uri: str = Field("", json_schema_extra={"maxLength": limits.MAX_ADDRESS})
    version: str = Field("", json_schema_extra={"maxLength": limits.MAX_VERSION})
    caption: str = Field("", json_schema_extra={"maxLength": limits.MAX_CAPTION})
    tags: list[str] = []
    photographer: str = Field("", json_schema_extra={"maxLength": limits.MAX_NAME})
    licence: str = Field("", json_schema_extra={"maxLength": limits.MAX_NAME})
    source_url: str = Field("", json_schema_extra={"maxLength": limits.MAX_ADDRESS})
    folder: str = Field("", json_schema_extra={"maxLength": limits.MAX_ADDRESS})
    metadata: dict[str, str] = {}
    sidecar: str = Field("", json_schema_extra={"maxLength": limits.MAX_ADDRESS})
    known_hash: str = Field("", max_length=64)
    keep: Keep = "thumbnail"
    error: str = Field("", max_length=MAX_ERROR)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_fault(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(given, dict):  # no document at all, or one of which a field is set
            return read(given)
        try:
            doc = read(given)
        except ValidationError as error:
            return read(_faulty(given, _reason(error)))
        if doc.error:
            return read(_faulty(given, doc.error))
        if not doc.known_hash.isascii():
            return read(_faulty(given, "The photo is left out: its known_hash is none."))
        sent = described(doc)
        try:
            photo = limits.checked(sent)
        except DescriptionError as error:
            return read(_faulty(given, f"The photo is left out: {error}."))
        if photo == sent:
            return doc
        cleaned = {name: getattr(photo, name) for name in (*limits.TEXTS, "metadata")}
        return read(dict(doc) | cleaned | {"tags": list(photo.tags)})

    @classmethod
    def from_protobuf(cls, pb_msg: Any) -> Self:
        """Read a document off the wire; one that cannot be read holds that as its error."""
        try:
            doc: Self = super().from_protobuf(pb_msg)
        except Exception as error:  # whatever a client has sent, it is one document's fault
            name = type(error).__name__
            doc = cls(error=f"The photo is left out: its document cannot be read ({name}).")
        return doc


def described(doc: PhotoDoc) -> Photo:
    """The photo that a document describes."""
    fields = {name: getattr(doc, name) for name in DESCRIPTION}
    return Photo(**fields, tags=tuple(doc.tags), metadata=doc.metadata)


def _faulty(given: dict[str, Any], reason: str) -> dict[str, Any]:
    """What stays of a document that cannot be used: whose it is, as far as it says so."""
    id_, uri = (_shown(given.get(name), limits.WHOLE[name]) for name in ("id", "uri"))
    return {"id": id_, "uri": uri, "error": limits.printable(reason)[:MAX_ERROR]}


def _shown(value: object, most: int) -> str:
    return limits.printable(value[:most])[:most] if isinstance(value, str) else ""


def _reason(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    named = "; ".join(
        f"{'.'.join(map(str, each['loc']))}: {what_to_give(each)}" for each in found[:3]
    )
    return f"The photo is left out: {limits.printable(named[:1_000])}."


class FingerprintsDoc(BaseDoc):
    """Fingerprints of all photos, or of those of which the index `keeps` so much: 16 bytes each.

    They come in pages, each behind the `after` of the one before. Without `data` there are more
    than `most`, or photos are to be asked for by their ids.
    """

    most: int
    keeps: str = ""
    after: str = ""
    data: JsonBytes | None = None
    next_after: str = ""


class HashesDoc(BaseDoc):
    """Content hashes of photos that an encoder has before it, and its model as JSON."""

    hashes: list[str] = []
    index_model: str = ""


class ContentDoc(TraitsDoc):
    """What is made of the bytes with a content hash.

    `embedding` has unit length and shape (dimensions,). `text` is what was read in the picture, as
    JSON, or "" where nobody has tried.
    """

    content_hash: str = ""
    width: int = 0
    height: int = 0
    embedding: NdArray | None = None
    thumbnail: JsonBytes | None = None
    text: str = ""


class EncodedDoc(PhotoDoc, ContentDoc):
    """A photo between encoder and indexer: a vector, or a new description, or an error.

    `told` says that its traits are those of its file by now, though there may be no vector.
    `model` and `fingerprint` say what made the vector. `error` is the reason why this photo is left
    out, in words.
    """

    told: bool = False
    original: JsonBytes | None = None
    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0


class OutcomeDoc(BaseDoc):
    """What became of a photo: "indexed", "updated" (description only), or "skipped" and why.

    `index_model` is JSON with the model of the index, where the photo was encoded with another one
    and therefore left out.
    """

    id: str
    uri: str
    outcome: str
    error: str = ""
    index_model: str = ""
