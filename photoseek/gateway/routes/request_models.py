"""What searches and selections take, as JSON and in URLs."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from photoseek.description_limits import MAX_FILTERS, MAX_OFFSET, MAX_TOP_K
from photoseek.errors import QueryError
from photoseek.gateway.json_reading import Base64
from photoseek.records import Orientation
from photoseek.search.grammar import MAX_PARTS, MAX_TEXT, MAX_WEIGHT, QueryPart

Mode = Literal["meaning", "hybrid"]
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
        """The part that it describes. Raises QueryError where it is not exactly one thing."""
        return QueryPart.of(
            text=self.text, image=self.image, id=self.id, vector=self.vector, weight=self.weight
        )


class Paging(Strict):
    """A page of the answer."""

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
