"""The collections that one name of a Milvus server has had: NAME_000001, NAME_000002, ..."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from typing_extensions import override

from photoseek.store.blob_place import BlobPlace
from photoseek.store.hold_notes import Held
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.milvus.milvus_naming import first_collection
from photoseek.store.milvus.milvus_server import MilvusError, MilvusServer
from photoseek.store.numbered import NumberedIndexes
from photoseek.store.standing import Look

REINDEXES = "reindexes"
"""The folder of the notes by which writers wait, in the place for thumbnails."""


class MilvusGenerations(NumberedIndexes):
    """What can stand for one name. Methods raise `MilvusError` where the server does not tell."""

    def __init__(self, server: MilvusServer, address: Address, place: BlobPlace) -> None:
        name = address.collection
        stem = first_collection(name).removesuffix("000001")
        super().__init__(address.location, name, stem, place.folder(REINDEXES))
        self._server = server
        self._address = address
        self._place = place

    @override
    def stands_for(self) -> str:
        described = self._server.reads("describe_collection", self._address.collection)
        return str(described["collection_name"])

    @override
    def location_of(self, index: str) -> str:
        return replace(self._address, collection=index).location

    @override
    def hold(self, until: float, instead_of: float | None = None) -> bool:
        def held(now: Held) -> Held:
            is_still = instead_of in (None, now.held_until)
            return replace(now, held_until=until) if is_still else now

        return self.notes.change(held).held_until == until

    @override
    def look(self, index: str) -> Look:
        return Look(self.stands_for() == index, self.notes.read().held_until)

    @override
    def lift(self, until: float) -> bool:
        """First the collection that is being filled gets another name: a reindex that has looked
        already finds nothing at the one to which it switches.
        """
        noted = self.notes.read()
        if noted.held_until == until:
            if noted.target and noted.target != self.stands_for():
                try:
                    self._rename(noted.target)
                except MilvusError as error:
                    if not (error.is_gone or error.is_forbidden):
                        raise
            self.hold(0.0, until)
        return True

    @override
    def switch_held(self, index: str, until: float) -> bool:
        self.note_before(self.current())
        if self.notes.read().held_until != until:
            return False
        try:
            self._server.writes("alter_alias", index, self._name)
        except MilvusError as error:
            if not error.is_gone:
                raise
            return False
        self.notes.change(lambda held: replace(held, held_until=0.0, target=""))
        return True

    @override
    def fence(self, index: str) -> str:
        """Who has opened the collection finds nothing at its name."""
        try:
            return self._rename(index)
        except MilvusError as error:
            others = self.others()
            if not error.is_gone or not others:
                raise
            return self._rename(others[0])  # a writer, whose time was over, was quicker

    def note_target(self, index: str) -> None:
        """Note which collection is about to be filled."""
        self.notes.change(lambda held: replace(held, target=index))

    def _rename(self, index: str) -> str:
        """Give a collection the next name, with what is noted of it."""
        new = self.take_next()
        self._place.join(new)
        of_before, notes = (self._place.folder(f"notes/{name}") for name in (index, new))
        notes.prepare()
        for entry in of_before.entries():
            notes.write(entry.name, of_before.read(entry.name) or b"")
        self._server.writes("rename_collection", index, new)
        self.notes.change(lambda held: replace(held, target=new) if held.target == index else held)
        return new

    @override
    def _listed(self) -> Iterable[str]:
        collections: list[str] = self._server.reads("list_collections")
        return collections
