"""The filters of the API, made from the table of fields."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    WithJsonSchema,
    create_model,
)

from photoseek.description_limits import MAX_FILTERS
from photoseek.errors import QueryError
from photoseek.records import Filter, Operator, Orientation
from photoseek.settings.form_errors import of_form
from photoseek.store.fields import BY_NAME, FIELDS
from photoseek.store.fields import Field as PhotoField
from photoseek.store.filters import check, filter_from_json, filter_to_json
from photoseek.store.kinds import Date, Number, Shape

MAX_WHERE = 50_000
"""Characters of one filter. The server reads 64 KiB of an address and hangs up on a longer one."""

Value = Annotated[str, Field(min_length=1, max_length=1_000)]
Values = Annotated[list[Value], Field(max_length=MAX_FILTERS)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_WHERE)]

_DAY = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
Day = Annotated[
    str,
    of_form(_DAY, "Give a year, month or day, such as 2024, 2024-05 or 2024-05-17"),
    Field(json_schema_extra={"pattern": _DAY}),
]


class Strict(BaseModel):
    """A member that nobody knows is an error rather than a filter that is not applied."""

    model_config = ConfigDict(extra="forbid")


def _parameters(field: PhotoField) -> dict[str, Any]:
    """The filters that a field has of its own, as members of a model."""
    name, title = field.parameter, field.label
    unset: Any = None
    if isinstance(field.kind, Number):
        described = f"Least {title.lower()}, in {field.about}."
        return {name: (int | None, Field(unset, ge=0, description=described))}
    if isinstance(field.kind, Date):
        words = {"from": "then or later", "to": "then or earlier"}
        return {
            f"{name}_{end}": (
                Day | None,
                Field(
                    unset,
                    description=f"{title} {when}: a year, month or day.",
                    examples=["2024-05"],
                ),
            )
            for end, when in words.items()
        }
    nothing: Any = []
    if isinstance(field.kind, Shape):
        most = len(field.kind.choices)
        given = Field(nothing, max_length=most, title=title, description="Any of these.")
        return {name: (list[Orientation], given)}
    words_of_all = "All of these" if field.every else "Any of these"
    more = ", or #rrggbb" if field.name == "colours" else ""
    described = f"{words_of_all}. {title}: {field.about}{more}."
    return {name: (Values, Field(nothing, title=title, description=described))}


if TYPE_CHECKING:

    class _FieldFilters(Strict): ...

else:
    _members: dict[str, Any] = {}
    for _field in FIELDS:
        _members |= _parameters(_field) if _field.parameter else {}
    _FieldFilters = create_model("FieldFilters", __base__=Strict, **_members)


class Filters(_FieldFilters):
    """Which photos may be found at all. Every filter must hold."""

    where: Annotated[list[Text], Field(max_length=MAX_FILTERS)] = Field(
        [],
        description="Filters as in the command line, width >= 2000 AND project = Spring, "
        "or as JSON.",
    )


def _read_tree(given: object) -> Filter:
    try:
        tree = filter_from_json(given)
        check([tree])
    except QueryError as error:
        raise ValueError(str(error)) from error
    return tree


def _form(given: object) -> str:
    is_tree = isinstance(given, Mapping) and given.keys() & {"all", "any", "not", "field"}
    return "tree" if is_tree else "filters"


_TREE = {
    "oneOf": [
        {
            "type": "object",
            "required": ["field", "op", "value"],
            "properties": {
                "field": {
                    "type": "string",
                    "description": f"{', '.join(BY_NAME)}, or a column of your manifest: project, "
                    "or metadata.project.",
                },
                "op": {"enum": list(get_args(Operator))},
                "value": {},
            },
        },
        *(
            {
                "type": "object",
                "required": [name],
                "properties": {name: {"type": "array", "items": {"type": "object"}}},
            }
            for name in ("all", "any")
        ),
        {
            "type": "object",
            "required": ["not"],
            "properties": {"not": {"type": "object"}},
        },
    ],
    "description": "Conditions joined by all, any and not.",
}

FilterTree = Annotated[
    Any, BeforeValidator(_read_tree), WithJsonSchema(_TREE), PlainSerializer(filter_to_json)
]
EitherFilter = Annotated[
    Annotated[Filters, Tag("filters")] | Annotated[FilterTree, Tag("tree")], Discriminator(_form)
]
