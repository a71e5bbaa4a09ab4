"""The settings of an index: where it is, how its engine is reached, and what lies beside it."""

from typing import Annotated, Literal

from pydantic import Field

from photoseek.settings.values import EVERYWHERE, Key, Option, Part, Secret


class EngineSettings(Part):
    """How Milvus, Elasticsearch or OpenSearch is reached, and how an index is spread there."""

    blobs: str | None = Field(
        None,
        description="Folder or s3:// prefix that keeps the thumbnails and originals of indexes in "
        "an engine; data/blobs by default. Every part that uses such an index needs the same one.",
    )
    engine_api_key: Annotated[Key | None, Secret(of=("indexer",))] = Field(
        None, description="The API key for Elasticsearch or OpenSearch, or the token for Milvus."
    )
    engine_user: str | None = Field(
        None, description="The user for the engine, where there is no API key and no token."
    )
    engine_password: Annotated[Key | None, Secret(of=("indexer",))] = Field(
        None, description="That user's password."
    )
    engine_ca: str | None = Field(
        None,
        description="File of the certificates (PEM) that the engine's own one is checked with. By "
        "default those that this machine trusts.",
    )
    engine_shards: int = Field(
        1, ge=1, le=1024, description="Shards of a new index in an engine: 1 to 10 million photos."
    )
    engine_replicas: int = Field(
        0,
        ge=0,
        le=16,
        description="Further copies of each shard of a new index in Elasticsearch or OpenSearch.",
    )
    engine_vectors: Literal["fast", "small"] = Field(
        "fast",
        description="How a new index in an engine keeps vectors in memory: fast, or small, which "
        "takes a quarter of that, and in Elasticsearch a tenth.",
    )


class IndexSettings(EngineSettings):
    """Where the index is, how it is reached there, and what is noted beside it."""

    index: Annotated[
        str,
        Option(EVERYWHERE, help="or s3://BUCKET/PREFIX (default: data/index)", metavar="FOLDER"),
    ] = Field("data/index", description="Folder or s3:// prefix that holds the index.")
    state: str | None = Field(
        None,
        description="Folder or s3:// prefix where index runs note what each source has listed and "
        "what was deleted on purpose. By default beside the index where it is a folder or in S3, "
        "else data/state. Every part that uses an index needs the same one.",
    )
