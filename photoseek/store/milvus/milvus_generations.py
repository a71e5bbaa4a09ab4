"""The collections that one name of a Milvus server has had: NAME_000001, NAME_000002, ..."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from typing_extensions import override

from photoseek.store.blob_place import BlobPlace
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.milvus.milvus_naming import first_collection
from photoseek.store.milvus.milvus_server import MilvusServer
from photoseek.store.numbered import NumberedIndexes


class MilvusGenerations(NumberedIndexes):
    """What can stand for one name. Methods raise `MilvusError` where the server does not tell."""

    def __init__(self, server: MilvusServer, address: Address, place: BlobPlace) -> None:
        name = address.collection
        stem = first_collection(name).removesuffix("000001")
        super().__init__(address.location, name, stem, place)
        self._server = server
        self._address = address

    @override
    def stands_for(self) -> str:
        described = self._server.reads("describe_collection", self._address.collection)
        return str(described["collection_name"])

    @override
    def location_of(self, index: str) -> str:
        return replace(self._address, collection=index).location

    @override
    def _listed(self) -> Iterable[str]:
        collections: list[str] = self._server.reads("list_collections")
        return collections
