"""What searches and selections take, as JSON and in URLs."""

from typing import Annotated, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    model_validator,
)

from photoseek.description_limits import MAX_CURSOR, MAX_OFFSET, MAX_ORDER, MAX_TOP_K
from photoseek.errors import QueryError
from photoseek.gateway.json_reading import Base64
from photoseek.gateway.routes.filter_models import EitherFilter, Filters, Strict
from photoseek.search.grammar import MAX_PARTS, MAX_TEXT, MAX_WEIGHT, QueryPart
from photoseek.search.inputs import MAX_INPUTS
from photoseek.store.sorting import SORTABLE

MAX_SEARCHES = 64
"""Searches of one batch."""

TOP_K = 20
"""Photos on a page, where nobody says how many."""

Mode = Literal["meaning", "hybrid"]
Counted = Literal["filtered", "choices"]
COUNTED = (
    "filtered: counts of the photos that pass all filters. choices: the same, but of each field "
    "without the filters on itself, where any of several values will do."
)
Id = Annotated[str, Field(min_length=1, max_length=1_000)]
TopK = Annotated[int, Field(ge=1, le=MAX_TOP_K)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]


class Part(Strict):
    """One part of a query: exactly one of text, image, id or vector."""

    text: str | None = Field(None, min_length=1, max_length=MAX_TEXT)
    image: Base64 | None = Field(None, description="A picture, as base64 or a data: URI.")
    id: Id | None = Field(None, description="A photo of the index.")
    vector: str | None = Field(
        None, max_length=20_000, description="The embedding of a picture, out of an earlier answer."
    )
    weight: float = Field(
        1.0, ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Below 0: what the photos should not show."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        try:
            self.read()
        except QueryError as error:
            raise ValueError(str(error)) from error
        return self

    def read(self) -> QueryPart:
        """The part that it describes.

        Raises:
            QueryError: it is not exactly one thing.
        """
        return QueryPart.of(
            text=self.text, image=self.image, id=self.id, vector=self.vector, weight=self.weight
        )


class Paging(Strict):
    """A page of the answer."""

    top_k: TopK = Field(TOP_K, description="How many photos are wanted, on a page.")
    limit: TopK | None = Field(None, description="The older name of top_k, which goes on to work.")
    offset: Offset = Field(0, description="Photos to skip; see next_offset of an answer.")

    @model_validator(mode="after")
    def _has_one_number(self) -> Self:
        if self.limit is not None:
            if self.top_k not in (TOP_K, self.limit):
                raise ValueError("Give top_k alone: limit is its older name.")
            self.top_k = self.limit
        return self


class Ranked(Paging):
    """How photos are ranked."""

    mode: Mode = Field(
        "meaning",
        description="hybrid also looks for the words in captions, tags, files and folders.",
    )
    dedupe: bool = Field(False, description="Take copies of a photo together.")
    sort: str = Field(
        "",
        max_length=MAX_ORDER,
        description="The order of the good hits, or of all photos without a query: "
        f"{', '.join(SORTABLE)} have the latest or largest first, taken:asc and the like the "
        "earliest or smallest. Photos without such a value come last.",
        examples=["taken"],
    )
    after: str = Field(
        "",
        max_length=MAX_CURSOR,
        description="next_after of an answer without a query, in the place of an offset: then what "
        "is added meanwhile moves nothing.",
    )


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


class SimilarParameters(ListParameters):
    """A page of the photos like another one."""

    dedupe: bool = Field(False, description="Take copies of a photo together.")


class SearchBody(Ranked):
    """A search in JSON."""

    query: (
        Annotated[list[Part], Field(max_length=MAX_PARTS)]
        | Annotated[str, Field(max_length=30_000)]
    ) = Field("", description="Weighted parts, or one text as in q.")
    filter: EitherFilter = Field(
        default_factory=Filters,  # programs that make clients cannot read an object as a default
        description="Filters of which all must hold, or a tree of conditions.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": [{"text": "red car"}, {"text": "snow", "weight": -0.5}],
                    "filter": {"licence": ["CC0-1.0"], "min_width": 2000},
                    "top_k": 20,
                }
            ]
        }
    )


class SearchWithFacets(SearchBody):
    """A search in JSON, whose answer can have the facets of its filters as well."""

    facets: Counted | None = Field(None, description=f"What is counted along with it. {COUNTED}")


class FacetsParameters(Filters):
    """A count in a URL."""

    counted: Counted = Field("filtered", description=COUNTED)


class SearchesBody(Strict):
    """Several searches in JSON."""

    searches: list[SearchBody] = Field(min_length=1, max_length=MAX_SEARCHES)


class EmbeddingInput(Strict):
    """What is to be embedded: a text or an image, and not both."""

    text: str | None = Field(None, min_length=1, max_length=MAX_TEXT)
    image: Base64 | None = Field(None, description="A picture, as base64 or a data: URI.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.text is None) == (self.image is None):
            raise ValueError("An input is either a text or an image.")
        if self.text is not None and not self.text.strip():
            raise ValueError("The text is empty.")
        return self

    def read(self) -> QueryPart:
        """It as a part of a query."""
        return QueryPart.of(text=self.text, image=self.image)


class EmbeddingsBody(Strict):
    """Texts and pictures of which vectors are wanted."""

    inputs: list[EmbeddingInput] = Field(min_length=1, max_length=MAX_INPUTS)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"inputs": [{"text": "red car"}, {"text": "snow"}]}]}
    )


class Ids(Strict):
    """Photos by id."""

    ids: list[Id] = Field(min_length=1, max_length=MAX_TOP_K)


MEMBERS = frozenset(
    name
    for model in (
        SearchParameters,
        SimilarParameters,
        SearchWithFacets,
        FacetsParameters,
        SearchesBody,
        EmbeddingsBody,
        Part,
    )
    for name in model.model_fields
)
"""What searches may hold, to tell somebody who misspells it."""
