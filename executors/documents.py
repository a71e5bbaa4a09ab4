"""What travels through the Flow, with its limits: a value beyond them is a 422 and not a 500.

No `from __future__ import annotations` here: with it Jina drops the schema in silence.
"""

from docarray import BaseDoc, DocList
from docarray.typing import NdArray
from pydantic import Field

from executors.json_bytes import JsonBytes
from photoseek.records import Keep

MAX_IDS = 10_000
MAX_QUERY_CHARACTERS = 2_000
MAX_TOP_K = 1_000
MAX_OFFSET = 100_000


class TraitsDoc(BaseDoc):
    """What a photo's file itself tells: see `photoseek.records.Traits`."""

    colour: str = ""
    colours: list[str] = []
    looks: str = ""
    taken: str = ""


class PhotoDoc(BaseDoc):
    """A photo to index. `known_hash` is the content hash that the index holds for it, or ""."""

    id: str = Field(min_length=1, max_length=1_000)
    uri: str = Field(min_length=1, max_length=10_000)
    version: str = Field("", max_length=1_000)
    caption: str = Field("", max_length=100_000)
    tags: list[str] = []
    photographer: str = Field("", max_length=10_000)
    licence: str = Field("", max_length=10_000)
    source_url: str = Field("", max_length=10_000)
    metadata: dict[str, str] = {}
    known_hash: str = Field("", max_length=64)
    keep: Keep = "thumbnail"


class EncodedDoc(PhotoDoc, TraitsDoc):
    """A photo between encoder and indexer: a vector, or nothing to do, or an error.

    `embedding` has unit length and shape (dimensions,). `model` and `fingerprint` say what made
    it. `error` is the reason why this photo is left out, in words.
    """

    content_hash: str = ""
    width: int = 0
    height: int = 0
    embedding: NdArray | None = None
    thumbnail: JsonBytes | None = None
    original: JsonBytes | None = None
    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0
    error: str = ""


class OutcomeDoc(BaseDoc):
    """What became of a photo: "indexed", "updated" (description only), or "skipped" and why."""

    id: str
    uri: str
    outcome: str
    error: str = ""


class QueryDoc(BaseDoc):
    """A search by exactly one of a text, the bytes of a picture, or the id of a photo.

    `where` holds filters such as "licence = CC0-1.0" or "width >= 2000", joined by AND.
    """

    text: str | None = Field(None, max_length=MAX_QUERY_CHARACTERS)
    image: JsonBytes | None = None
    like: str | None = Field(None, max_length=1_000)
    top_k: int = Field(10, ge=1, le=MAX_TOP_K)
    offset: int = Field(0, ge=0, le=MAX_OFFSET)
    where: list[str] = Field(default=[], max_length=32)


class EncodedQueryDoc(QueryDoc):
    """A search between encoder and indexer. A search by photo id has no embedding yet."""

    embedding: NdArray | None = None
    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0
    error: str = ""


class HitDoc(TraitsDoc):
    """One photo found. `score` is the cosine similarity in [-1, 1]; larger is closer.

    `link` is a URL that a browser can open: presigned for a photo in S3, "" for a local file.
    """

    rank: int
    score: float
    uri: str
    link: str = ""
    caption: str = ""
    tags: list[str] = []
    photographer: str = ""
    licence: str = ""
    source_url: str = ""
    metadata: dict[str, str] = {}
    width: int = 0
    height: int = 0
    content_hash: str = ""


class ResultDoc(BaseDoc):
    """The answer to one search: hits in order, or an error in words."""

    hits: DocList[HitDoc] = DocList[HitDoc]()
    error: str = ""


class IdsDoc(BaseDoc):
    """Photos by id."""

    ids: list[str] = Field(max_length=MAX_IDS)


class KnownDoc(BaseDoc):
    """What the index knows of the photos asked for; the four lists run in step."""

    ids: list[str] = []
    fingerprints: list[str] = []
    hashes: list[str] = []
    keeps: list[str] = []


class CountDoc(BaseDoc):
    """How many photos an operation touched."""

    count: int


class StatusDoc(BaseDoc):
    """What is served: the encoder fills its part, the indexer the rest."""

    model: str = ""
    fingerprint: str = ""
    dimensions: int = 0
    precision: str = ""
    device: str = ""
    location: str = ""
    photos: int = 0
    ann: bool = False
