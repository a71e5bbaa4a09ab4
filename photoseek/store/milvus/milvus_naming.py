"""What a name stands for: an alias may stand for another collection from one moment on."""

from __future__ import annotations

from photoseek.errors import StoreWriteError
from photoseek.identity import same_vectors
from photoseek.records import ModelIdentity
from photoseek.store.index_errors import other_vectors
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.milvus.milvus_rows import model_of
from photoseek.store.milvus.milvus_server import MilvusServer

_LONGEST_NAME = 240  # Milvus takes 255 letters


def first_collection(name: str) -> str:
    """The collection that is made where nothing has a name yet."""
    return f"{name[:_LONGEST_NAME]}_000001"


def check_name(
    server: MilvusServer, address: Address, collection: str, model: ModelIdentity
) -> None:
    """Refuse to write to a collection where its name stands for another one by now.

    Raises:
        MilvusError: the server does not tell.
        ModelMismatchError, StoreWriteError: the other one has another model, or the same one.
    """
    named = server.reads("describe_collection", address.collection)
    if named["collection_name"] == collection:
        return
    found = model_of(named["properties"], address.location)
    if not same_vectors(found, model):
        raise other_vectors(address.location, found, model)
    raise StoreWriteError(
        f"{address.location} stands for another index since this program has opened it. Start the "
        "program again; nothing was written."
    )
