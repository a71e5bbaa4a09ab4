"""From a route to the executors and back: one document in, one out."""

from typing import Any, TypeVar

from docarray import BaseDoc, DocList
from pydantic import ValidationError

from photoseek.errors import QueryError

Doc = TypeVar("Doc", bound=BaseDoc)

INDEXER = "indexer"
"""The name of the executor that answers what needs no model; flows/photoseek.yml gives it."""


def wire(kind: Any, **fields: Any) -> Any:
    """A document for the wire. Raises QueryError where a value is beyond the document's limits."""
    try:
        return kind(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise QueryError(f"{where}: {first['msg']}.") from error


class FlowCalls:
    """Calls the Flow's endpoints. Errors arrive as HTTP problems."""

    def __init__(self, streamer: Any) -> None:
        self._streamer = streamer

    async def call(
        self, endpoint: str, doc: BaseDoc, gives: type[Doc], *, only: str | None = None
    ) -> Doc:
        """The answer to one document; `only` names the one executor that needs to be asked."""
        responses = self._streamer.stream_docs(
            docs=DocList[type(doc)]([doc]),
            exec_endpoint=endpoint,
            return_results=True,
            return_type=DocList[gives],
            only=only,
        )
        answers: list[Doc] = [answer async for response in responses for answer in response.docs]
        return answers[0]
