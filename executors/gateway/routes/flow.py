"""From a route to the executors and back: one document in, one out."""

import asyncio
from typing import Any, TypeVar

from docarray import BaseDoc, DocList
from pydantic import ValidationError

from executors.gateway.problems import TOO_LONG, Problem
from photoseek.errors import QueryError

Doc = TypeVar("Doc", bound=BaseDoc)

INDEXER = "indexer"
"""The name of the executor that answers what needs no model; flows/photoseek.yml gives it."""

READ_SECONDS = 60
SLOW = {"/index", "/delete"}


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
        """The answer to one document; `only` names the one executor that needs to be asked.

        What only reads has a minute: nobody waits longer for a search, and one whose connection
        is lost in silence would wait as long as the indexing of a slow batch may take.
        """
        responses = self._streamer.stream_docs(
            docs=DocList[type(doc)]([doc]),
            exec_endpoint=endpoint,
            return_results=True,
            return_type=DocList[gives],
            only=only,
        )
        try:
            async with asyncio.timeout(None if endpoint in SLOW else READ_SECONDS):
                answers: list[Doc] = [a async for response in responses for a in response.docs]
        except TimeoutError as error:
            raise Problem(504, TOO_LONG) from error
        return answers[0]
