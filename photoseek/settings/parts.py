"""The settings, each with what it means, in the parts that they are handed down in."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from photoseek.catalogue import PRESETS, resolved
from photoseek.records import Keep
from photoseek.settings.form_errors import of_form
from photoseek.settings.store_parts import IndexSettings
from photoseek.settings.values import (
    DOWNLOAD,
    EVERYWHERE,
    PHOTOS,
    Key,
    Names,
    Option,
    Part,
    Secret,
    WebAddress,
)

OFF = "off"


class ModelSettings(Part):
    """The model, and how it is run."""

    model: Annotated[
        str | None,
        Option(
            EVERYWHERE,
            help=f"{', '.join(PRESETS)}, ARCHITECTURE:WEIGHTS, hf-hub:ORGANISATION/NAME, "
            "local-dir:FOLDER or demo (default: that of the index, or of a new one where there "
            "is none)",
        ),
    ] = Field(
        None,
        description="OpenCLIP model, or standard, fast, best or english-small. By default the one "
        "that the index was made with; for a new index standard, and fast on a machine with less "
        "than 6 GB of memory.",
    )
    precision: Annotated[Literal["auto", "fp32", "bf16", "fp16"], Option(EVERYWHERE)] = Field(
        "auto",
        description="Number format of the model; auto takes what this machine is fast at and "
        "gives the same vectors.",
    )
    device: Annotated[str, Option(EVERYWHERE, help="auto, cpu, cuda, cuda:N or mps")] = Field(
        "auto",
        description="auto, cpu, cuda, cuda:N or mps; auto takes a GPU where there is one.",
    )
    runtime: Annotated[Literal["auto", "torch", "onnx"], Option(EVERYWHERE)] = Field(
        "auto",
        description="What the model runs in: PyTorch, or ONNX Runtime, for a plain model or "
        "files that photoseek export-model wrote. auto takes it as far as it is faster.",
    )
    exports: str | None = Field(
        None,
        description="Folder that photoseek export-model writes models to, and that they are looked "
        "for in. By default exports in the user's folder for caches.",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_whole_name(cls, given: Any) -> Any:
        """The model that a preset stands for, which is what an index notes."""
        if isinstance(given, dict) and isinstance(given.get("model"), str):
            device = str(given.get("device") or "auto")
            return given | {"model": resolved(given["model"], device)}
        return given


class FetchSettings(Part):
    """How photos are fetched: how large, how long, from where."""

    max_megabytes: float = Field(64, gt=0, description="Largest photo file.")
    max_megapixels: float = Field(
        100,
        gt=0,
        description="Largest photo in millions of pixels. All photos that are decoded at the same "
        "time share 20 bytes of memory for each of these pixels.",
    )
    fetch_seconds: float = Field(30, gt=0, description="Time limit for fetching one photo.")
    user_agent: Annotated[
        str, of_form(r"[\x20-\x7e]*", "Give letters, digits and signs of ASCII")
    ] = Field(
        "",
        max_length=500,
        description="Who asks web servers for photos, such as my-agency/1.0 (photos@example.org). "
        "By default photoseek with its version.",
    )
    allow_private_addresses: Annotated[
        bool, Option(DOWNLOAD, help="fetch from private networks too")
    ] = Field(False, description="Fetch photos from URLs inside private networks too.")


class EncoderSettings(ModelSettings, FetchSettings):
    """What turning photos into vectors needs: the model, the way to their bytes, threads."""

    fetch_threads: int = Field(
        32, ge=1, le=64, description="Photos fetched from the web or S3 at the same time."
    )
    decode_threads: int = Field(
        0, ge=0, le=256, description="Threads that decode; 0 is one per CPU plus two."
    )
    ocr: Annotated[
        bool, Option(PHOTOS, help="read the text in the pictures too (photoseek[ocr])")
    ] = Field(
        False,
        description="Read the text in pictures while they are indexed, which takes most of the "
        "time then. Needs photoseek[ocr].",
    )


class DownloadSettings(FetchSettings):
    """What downloading a list of photos goes by."""

    concurrency: Annotated[
        int, Option(DOWNLOAD, help="photos at once (default: 32)", metavar="N")
    ] = Field(32, ge=1, le=256, description="Photos downloaded at once.")
    per_host: Annotated[
        int, Option(DOWNLOAD, help="at once from one server (default: 8)", metavar="N")
    ] = Field(8, ge=1, le=256, description="Photos downloaded at once from one server.")
    ignore_robots_tag: Annotated[
        bool, Option(DOWNLOAD, help="fetch what X-Robots-Tag marks as noai or noindex too")
    ] = Field(False, description="Download photos that X-Robots-Tag marks as noai or noindex too.")


class StockSettings(Part):
    """Where stock services answer, and the keys that they ask for."""

    unsplash_access_key: Annotated[Key | None, Secret(of=("gateway",))] = Field(
        None,
        description="Your access key of the Unsplash API, for sources unsplash:QUERY and for "
        "downloads of what they found.",
    )
    pexels_api_key: Annotated[Key | None, Secret()] = Field(
        None, description="Your key of the Pexels API, for sources pexels:QUERY."
    )
    unsplash_api: WebAddress = Field(
        "https://api.unsplash.com",
        description="Where Unsplash's API answers, which may be a proxy of your own.",
    )
    pexels_api: WebAddress = Field(
        "https://api.pexels.com",
        description="Where the Pexels API answers, which may be a proxy of your own.",
    )


class ServiceSettings(FetchSettings):
    """How long a service may take, and how much one request may bring."""

    search_seconds: float = Field(
        15,
        ge=1,
        le=3600,
        description="Time limit for a search, and for whatever else is only read from the index.",
    )
    link_seconds: int = Field(
        3600,
        ge=1,
        le=604_800,
        description="Seconds for which links to photos in S3 can be opened; a week at most.",
    )
    max_request_megabytes: float = Field(
        96, gt=0, description="Largest request body that the gateway takes."
    )
    clicks: bool = Field(
        False,
        description="Ask on the page whether a photo that a text has found is a good hit or a "
        "wrong one, and keep the answers beside the index, for photoseek tune.",
    )

    @property
    def original_seconds(self) -> float:
        """The time limit for an original, which may have to be fetched."""
        return max(self.search_seconds, self.fetch_seconds)


class UploadSettings(IndexSettings):
    """Whether photos can be handed in to the index, and where they then lie."""

    uploads: str = Field(
        "data/uploads",
        description="Folder or s3:// prefix that keeps photos handed in over HTTP, or off.",
    )

    @property
    def takes_uploads(self) -> bool:
        """Whether photos can be handed in."""
        return self.uploads != OFF


class RunSettings(UploadSettings, StockSettings):
    """What an indexing run goes by: its source and index, and what is taken along."""

    source: Annotated[
        str,
        Option(
            PHOTOS,
            help="folder, s3://BUCKET/PREFIX, CSV, TSV or Parquet manifest with a path or url "
            "column, unsplash:QUERY or pexels:QUERY (default: data/processed/photos.csv); for "
            "download a manifest with a url column, or a .txt with one URL in each line",
        ),
    ] = Field(
        "data/processed/photos.csv",
        description="Folder, s3:// prefix or manifest of photos to index.",
    )
    batch_size: Annotated[int, Option(PHOTOS, metavar="N")] = Field(
        32, ge=1, le=512, description="Photos per request and model call."
    )
    batches_in_flight: int = Field(
        3,
        ge=1,
        le=64,
        description="Batches that an indexing run has under way at once; about two for each "
        "encoder, and one more.",
    )
    keep: Annotated[
        Keep | None,
        Option(
            PHOTOS,
            help="what the index keeps of a photo's pixels (default: what it keeps already, and "
            "the thumbnail of a new photo)",
        ),
    ] = Field(
        None,
        description="What the index keeps of a photo's pixels. By default what it keeps already, "
        "and the thumbnail of a new photo.",
    )
    keyword_fields: Annotated[
        Names,
        Option(
            EVERYWHERE,
            "columns of your manifest and fields whose words hybrid searches find too, such as "
            "project,client (default: those that the index has)",
            "NAMES",
        ),
    ] = Field(
        None,
        description="Columns of your manifest and fields whose words hybrid searches find too, "
        "such as project,client; [] is none. By default those that the index has.",
    )
