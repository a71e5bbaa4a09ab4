"""From a route to the executors and back: one document in, one out."""

from typing import Any, TypeVar

from docarray import BaseDoc, DocList
from pydantic import ValidationError

from photoseek.errors import QueryError

Given = TypeVar("Given", bound=BaseDoc)

INDEXER = "indexer"
"""The name of the executor that answers what needs no model; flows/photoseek.yml gives it."""


def wire(kind: type[Given], **fields: Any) -> Given:
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
        self, endpoint: str, doc: BaseDoc, gives: type[Given], *, only: str | None = None
    ) -> Given:
        """The answer to one document; `only` names the one executor that needs to be asked."""
        [answer] = await self.call_all(endpoint, [doc], gives, only=only)
        return answer

    async def call_all(
        self, endpoint: str, docs: list[BaseDoc], gives: type[Given], *, only: str | None = None
    ) -> list[Given]:
        """The answers to several documents of one kind, in order."""
        answers: list[Given] = []
        async for response in self._streamer.stream_docs(
            docs=DocList[type(docs[0])](docs),
            exec_endpoint=endpoint,
            return_results=True,
            return_type=DocList[gives],  # type: ignore[valid-type]
            target_executor=only,
        ):
            answers.extend(response.docs)
        return answers
