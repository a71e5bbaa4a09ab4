"""The collections that one name of a Milvus server has had: NAME_000001, NAME_000002, ..."""

from __future__ import annotations

import re
from dataclasses import replace

from photoseek.errors import StoreError
from photoseek.store.blob_place import BlobPlace
from photoseek.store.hold_notes import HoldNotes
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.milvus.milvus_naming import first_collection
from photoseek.store.milvus.milvus_server import MilvusServer
from photoseek.store.naming import Generations
from photoseek.store.standing import Look, Standing

_NUMBER = re.compile(r"_(\d{6})")


class MilvusGenerations:
    """What can stand for one name. Methods raise `MilvusError` where the server does not tell."""

    def __init__(self, server: MilvusServer, address: Address, place: BlobPlace) -> None:
        self._server = server
        self._address = address
        self.notes = HoldNotes(place.folder("reindexes"), address.collection)

    def current(self) -> str:
        """The collection that the name stands for.

        Raises:
            StoreError: it is a collection itself.
        """
        described = self._server.reads("describe_collection", self._address.collection)
        collection = str(described["collection_name"])
        if collection == self._address.collection:
            raise itself(self._address)
        return collection

    def all(self) -> Generations:
        """All of them."""
        current, before = self.current(), self.notes.read().before
        others = sorted(
            name
            for name in self._server.reads("list_collections")
            if self.number_of(name) and name != current
        )
        return Generations(
            self.location_of(current),
            tuple(map(self.location_of, others)),
            self.location_of(before) if before in others else "",
        )

    def take_next(self) -> str:
        """The name of one more, which is noted so that no other one gets it."""
        held = self.notes.read()
        numbers = map(self.number_of, self._server.reads("list_collections"))
        number = max(held.last, *numbers, 0) + 1
        self.notes.write(replace(held, last=number))
        return f"{self._stem()}_{number:06}"

    def number_of(self, collection: str) -> int:
        """The number of a collection that is one of them; 0 for any other."""
        stem = self._stem()
        found = _NUMBER.fullmatch(collection.removeprefix(stem))
        return int(found[1]) if found and collection.startswith(stem) else 0

    def location_of(self, collection: str) -> str:
        """The location that names one of them."""
        return replace(self._address, collection=collection).location

    def standing(self, collection: str) -> Standing:
        """What is known of the name by who has opened that collection."""
        if collection == self._address.collection:
            return Standing(self._address.location, Look)

        def look() -> Look:
            described = self._server.reads("describe_collection", self._address.collection)
            held = self.notes.read().held_until
            return Look(described["collection_name"] == collection, held)

        return Standing(self._address.location, look)

    def _stem(self) -> str:
        return first_collection(self._address.collection).removesuffix("_000001")


def itself(address: Address) -> StoreError:
    """What to raise where a name is that of a collection, and no alias of one."""
    return StoreError(
        f"{address.location} is a collection itself, as older versions of photoseek made them, and "
        "can stand for no other one. Let people use another name."
    )
