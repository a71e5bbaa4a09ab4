"""What travels through the Flow, with its limits: a value beyond them is a 422 and not a 500.

Photos to index, which are an exception, are in `photo_documents`.

No `from __future__ import annotations` here: with it Jina drops the schema in silence.
"""

from typing import Literal

from docarray import BaseDoc, DocList
from docarray.typing import NdArray
from pydantic import AliasChoices, Field

from photoseek.description_limits import (
    MAX_CURSOR,
    MAX_FILTERS,
    MAX_IDS,
    MAX_OFFSET,
    MAX_ORDER,
    MAX_TOP_K,
)
from photoseek.files.names import Opened
from photoseek.flow.compat_typing import mend_typed_lists
from photoseek.flow.json_bytes import JsonBytes
from photoseek.flow.old_names import OldNames
from photoseek.flow.photo_documents import TraitsDoc
from photoseek.flow.sent_documents import SentDoc
from photoseek.search.grammar import MAX_PARTS, MAX_TEXT, MAX_WEIGHT

mend_typed_lists()  # before a document has a list of others


class PartDoc(SentDoc):
    """One part of a query: exactly one of a text, the bytes of a picture, the id of a photo
    (`like`), or the embedding of a picture as an answer gave it (`vector`).

    Below 0, `weight` makes it what the photos should not show.
    """

    text: str | None = Field(None, max_length=MAX_TEXT)
    image: JsonBytes | None = None
    like: str | None = Field(None, max_length=1_000)
    vector: str | None = Field(None, max_length=20_000)
    weight: float = Field(1.0, ge=-MAX_WEIGHT, le=MAX_WEIGHT)


class QueryDoc(SentDoc, OldNames):
    """A search: by one text, the bytes of a picture or the id of a photo, or by several `parts`.

    `where` holds filters, joined by AND: each as JSON (`photoseek.store.filters`), or as people
    write it, "licence = CC0-1.0". `hybrid`
    prefers photos whose caption or tags contain the words of the texts. `dedupe` takes copies of
    a photo together; older clients call it `folded`. `sort` is an order of the good hits, such as
    taken, or taken:asc for the earliest first. `packed` wants the hits as JSON, which takes a
    tenth of the time. `only_vectors` wants no hits, but what the encoder makes of
    the parts.
    """

    text: str | None = Field(None, max_length=MAX_TEXT)
    image: JsonBytes | None = None
    like: str | None = Field(None, max_length=1_000)
    parts: DocList[PartDoc] = Field(default=DocList[PartDoc](), max_length=MAX_PARTS)
    top_k: int = Field(10, ge=1, le=MAX_TOP_K)
    offset: int = Field(0, ge=0, le=MAX_OFFSET)
    where: list[str] = Field(default=[], max_length=MAX_FILTERS)
    hybrid: bool = False
    dedupe: bool = Field(False, validation_alias=AliasChoices("dedupe", "folded"))
    sort: str = Field("", max_length=MAX_ORDER)
    packed: bool = False
    only_vectors: bool = False


class EncodedPartDoc(BaseDoc):
    """A part of a query between encoder and indexer; one by photo id has no embedding yet.

    Pictures and photos are `shown`, texts are not.
    """

    like: str = ""
    shown: bool = False
    embedding: NdArray | None = None
    weight: float = 1.0


class EncodedQueryDoc(OldNames):
    """A search between encoder and indexer.

    `words` are those of its texts. `vectors` run in step with the parts and hold the embeddings
    of the pictures as text, and "" for other parts. `meaningless` are the embeddings of texts that
    mean nothing, for the confidence of the answer. They are left out `of_gateway`, which has not
    asked the encoder. `tokenizer` tells how texts were read, where there are some.
    """

    parts: DocList[EncodedPartDoc] = DocList[EncodedPartDoc]()
    words: str = ""
    vectors: list[str] = []
    meaningless: NdArray | None = None
    of_gateway: bool = False
    top_k: int = 10
    offset: int = 0
    where: list[str] = []
    hybrid: bool = False
    dedupe: bool = False
    sort: str = ""
    can_sort: bool = False
    packed: bool = False
    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0
    tokenizer: str = ""
    seconds: float = 0.0
    error: str = ""


class StoredDoc(TraitsDoc):
    """A photo of the index.

    `link` is a URL that a browser can open: presigned for a photo in S3, "" for a local file.
    `text` is what was read in the picture, as JSON (`photoseek.store.text_json`), or "".
    """

    uri: str
    link: str = ""
    caption: str = ""
    tags: list[str] = []
    photographer: str = ""
    licence: str = ""
    source_url: str = ""
    folder: str = ""
    metadata: dict[str, str] = {}
    width: int = 0
    height: int = 0
    content_hash: str = ""
    text: str = ""
    indexed_at: str | None = None


class HitDoc(StoredDoc):
    """One photo found. `score` is the cosine similarity in [-1, 1]; larger is closer.

    `duplicates` are copies of it that rank lower, where copies are taken together. `lines_found`
    are lines of its text that have a word of the query, where words are looked for.
    """

    rank: int
    score: float
    lines_found: list[str] = []
    duplicates: DocList[StoredDoc] = DocList[StoredDoc]()


class ResultDoc(BaseDoc):
    """The answer to one search: hits in order, or an error in words.

    `total` photos satisfy the filters; there are `more` after these hits. `confidence`, on the
    first page, is high, medium or low: whether the photos found stand out from the library.
    `index_model` is JSON with the model of the index, where the query was encoded with another one;
    then nothing may have been looked for (`asks_again`). `texts` tells a gateway the embeddings of
    its texts (`photoseek.flow.known_texts`), and `version` that of the index before the search.
    """

    hits: DocList[HitDoc] = DocList[HitDoc]()
    packed: str = ""
    error: str = ""
    total: int = 0
    more: bool = False
    confidence: str = ""
    vectors: list[str] = []
    encode_seconds: float = 0.0
    search_seconds: float = 0.0
    index_model: str = ""
    asks_again: bool = False
    can_sort: bool = False
    texts: str = ""
    version: str = ""


class WantedDoc(SentDoc):
    """Photos by id, in that order; or, without ids, those that pass the filters, newest first or
    sorted, `after` the `next_after` of the page before.

    `opened` is for photos that are about to be shown or saved themselves: links into S3 say so.
    """

    ids: list[str] = Field(default=[], max_length=MAX_TOP_K)
    opened: Opened | None = None
    where: list[str] = Field(default=[], max_length=MAX_FILTERS)
    top_k: int = Field(10, ge=1, le=MAX_TOP_K)
    offset: int = Field(0, ge=0, le=MAX_OFFSET)
    sort: str = Field("", max_length=MAX_ORDER)
    after: str = Field("", max_length=MAX_CURSOR)


class PhotosDoc(BaseDoc):
    """Those of the photos that are in the index, as a JSON list of `StoredDoc`, or an error.

    Each has a `keep` as well: what the index keeps of its pixels. Of a list, as many have been
    `read` before this page, and `next_after` leads to the next one.
    """

    photos: str = "[]"
    total: int = 0
    read: int | None = None
    next_after: str = ""
    can_sort: bool = False
    seconds: float = 0.0
    version: str = ""
    error: str = ""


class BlobDoc(SentDoc):
    """What the index keeps of one photo's pixels: asked for by id, answered with the bytes."""

    photo: str = Field(min_length=1, max_length=1_000)
    what: Literal["thumbnail", "original"] = "thumbnail"
    data: JsonBytes | None = None
    error: str = ""


class FilterDoc(SentDoc):
    """A set of photos, by filters."""

    where: list[str] = Field(default=[], max_length=MAX_FILTERS)


class FacetDoc(BaseDoc):
    """How many photos have each value; the two lists run in step, most photos first."""

    name: str
    values: list[str] = []
    counts: list[int] = []


class FacetsDoc(BaseDoc):
    """What the photos of a set have in common, or an error in words."""

    total: int = 0
    facets: DocList[FacetDoc] = DocList[FacetDoc]()
    version: str = ""
    error: str = ""


class IdsDoc(SentDoc):
    """Photos by id."""

    ids: list[str] = Field(max_length=MAX_IDS)


class DeleteDoc(IdsDoc):
    """Photos to forget: on purpose, so that later runs leave them out, or as they `vanished`."""

    vanished: bool = False


class KnownDoc(BaseDoc):
    """What the index knows of the photos asked for; the first four lists run in step.

    `deleted` are the ids of those that were deleted on purpose.
    """

    ids: list[str] = []
    fingerprints: list[str] = []
    hashes: list[str] = []
    keeps: list[str] = []
    deleted: list[str] = []


class CountDoc(BaseDoc):
    """How many photos an operation touched."""

    count: int


class StatusDoc(SentDoc):
    """What is served: the encoder fills its part, the indexer the rest.

    With `only_version` the indexer tells no more than the version of the index.
    """

    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0
    precision: str = ""
    device: str = ""
    location: str = ""
    photos: int = 0
    ann: bool = False
    reads_text: bool = False
    keyword_fields: list[str] = []
    only_version: bool = False
    version: str = ""
    problem: str = ""  # why nothing can be found, where a new index would help
