"""Bytes that survive both protocols: raw over gRPC, base64 in JSON."""

import base64
from typing import Any, Self

from docarray.typing import ImageBytes
from pydantic_core import core_schema

from photoseek.gateway.json_reading import from_base64


class JsonBytes(ImageBytes):
    """ImageBytes whose JSON form is base64; a `data:` URI is understood as well.

    DocArray's own type turns into None on its way through Jina's HTTP server.
    """

    @classmethod
    def from_protobuf(cls, pb_msg: bytes) -> Self:
        """Read them off the wire; DocArray would make a validator of pydantic's for each value."""
        return cls(pb_msg)

    @classmethod
    def _docarray_validate(cls, value: Any) -> Any:
        return super()._docarray_validate(from_base64(value))

    def _docarray_to_json_compatible(self) -> str:
        return base64.b64encode(self).decode()

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._docarray_validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: base64.b64encode(value).decode(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: Any) -> dict[str, str]:
        return {"type": "string", "format": "byte"}
