"""From a route to the executors and back: one document in, one out."""

import asyncio
from typing import Any, TypeVar

from docarray import BaseDoc, DocList
from pydantic import ValidationError

from photoseek.errors import QueryError
from photoseek.flow.documents import KeptDoc
from photoseek.gateway.problems import Problem, no_answer_in
from photoseek.settings import Settings

Doc = TypeVar("Doc", bound=BaseDoc)

INDEXER = "indexer"
"""The name of the executor that answers what needs no model; flows/photoseek.yml gives it."""

CHANGE_SECONDS = 90.0
"""How long a change is waited for: as long as the indexer waits to begin it, and half as long."""

CHANGE_TOO_LONG = (
    "The change takes longer than the gateway waits. It may still be made: look whether it was "
    "before you try again."
)

CHANGES = ("/index", "/delete")


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

    def __init__(
        self, streamer: Any, settings: Settings, *, change_seconds: float = CHANGE_SECONDS
    ) -> None:
        self._streamer = streamer
        self.change_seconds = change_seconds
        self.search_seconds = settings.search_seconds
        self.fetch_seconds = max(settings.search_seconds, settings.fetch_seconds)

    async def call(
        self, endpoint: str, doc: BaseDoc, gives: type[Doc], *, only: str | None = None
    ) -> Doc:
        """The answer to one document; `only` names the one executor that needs to be asked.

        Raises Problem where it takes longer than a search, what the index keeps, or a change may.
        """
        if endpoint in CHANGES:
            seconds, too_long = self.change_seconds, CHANGE_TOO_LONG
        else:
            is_original = isinstance(doc, KeptDoc) and doc.what == "original"
            seconds = self.fetch_seconds if is_original else self.search_seconds
            too_long = no_answer_in(seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self.whole(endpoint, doc, gives, only=only)
        except TimeoutError as error:
            raise Problem(504, too_long) from error

    async def whole(
        self, endpoint: str, doc: BaseDoc, gives: type[Doc], *, only: str | None = None
    ) -> Doc:
        """The answer to one document, however long it takes."""
        responses = self._streamer.stream_docs(
            docs=DocList[type(doc)]([doc]),
            exec_endpoint=endpoint,
            return_results=True,
            return_type=DocList[gives],
            only=only,
        )
        answers: list[Doc] = [a async for response in responses for a in response.docs]
        return answers[0]
