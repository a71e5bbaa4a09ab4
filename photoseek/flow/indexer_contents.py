"""What an encoder asks the indexer of its Flow: which of the photos before it are stored already.

It asks over gRPC at the indexer's own port, as the gateway does, with the secret of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from docarray import DocList
from jina.proto import jina_pb2_grpc
from jina.types.request.data import DataRequest
from pydantic import SecretStr

from photoseek.errors import StoreError
from photoseek.flow.conversion import content_of
from photoseek.flow.environment import indexer_address
from photoseek.flow.index_model import told_model
from photoseek.flow.photo_documents import ContentDoc, HashesDoc
from photoseek.flow.secret_check import METADATA
from photoseek.records import EncodedPhoto, ModelIdentity, Photo

CONTENTS = "/contents"
"""The indexer's endpoint, which the gateway passes nothing on to."""

_SOMEWHERE = Photo("", "", "")
"""Whose bytes they are, the encoder need not know: it has a photo of its own with them."""

_OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1))


class IndexerContents:
    """Asks one indexer, from any thread. The first question makes the connection."""

    def __init__(self, address: str, secret: str | None, seconds: float) -> None:
        """`address` is HOST:PORT; an answer takes no longer than `seconds`."""
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._stub = jina_pb2_grpc.JinaSingleDataRequestRPCStub(self._channel)
        self._metadata = ((METADATA, secret),) if secret else ()
        self._seconds = seconds

    def ask(
        self, content_hashes: Sequence[str], model: ModelIdentity | None = None
    ) -> dict[str, EncodedPhoto]:
        """What is stored of one photo of each of the content hashes, with its thumbnail or b"".

        They have vectors of `model`, where one is given. An indexer of an earlier version knows
        none.

        Raises:
            StoreError: the indexer cannot say.
            grpc.RpcError: it does not answer, or refuses.
        """
        told = told_model(model) if model else ""
        doc = HashesDoc(hashes=list(content_hashes), index_model=told)
        asked = DataRequest()
        asked.header.exec_endpoint = CONTENTS
        asked.data.docs = DocList[HashesDoc]([doc])
        answer = self._stub.process_single_data(
            asked, metadata=self._metadata, timeout=self._seconds
        )
        if answer.header.status.code == answer.header.status.ERROR:
            raise StoreError(f"The indexer says: {answer.header.status.description}")
        answer.document_array_cls = DocList[ContentDoc]
        docs = [doc for doc in answer.data.docs if doc.embedding is not None]
        return {doc.content_hash: content_of(doc, _SOMEWHERE) for doc in docs}

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


def indexer_of(secret: SecretStr | None, seconds: float) -> IndexerContents | None:
    """The indexer of the Flow in which this process is; None outside of one."""
    address = indexer_address()
    told = secret.get_secret_value() if secret else None
    return IndexerContents(address, told, seconds) if address else None
