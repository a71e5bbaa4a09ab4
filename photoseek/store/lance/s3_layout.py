"""The prefix in a bucket that holds an index.

S3 knows no locks. Lance commits a version by writing its manifest under a name that must not
exist yet, so of two writers one is told to try again; thumbnails are removed late (see
`IndexLayout.excludes_writers`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from typing_extensions import override

from photoseek.files.s3_files import BucketFiles
from photoseek.helpers.deadlines import held
from photoseek.helpers.query_threads import THREADS
from photoseek.store.beside import NAMES
from photoseek.store.blobs import ORIGINALS, THUMBNAILS, Blobs
from photoseek.store.lance.layout import MANIFEST, TABLE, IndexLayout
from photoseek.store.lance.place_tables import TABLES, is_folder_of_table, location_of
from photoseek.store.leftovers import Leftovers

LEFTOVERS = "removals"

_CONNECTIONS = 16
"""Files that are written at the same time."""


class S3Layout(IndexLayout):
    """One index in S3."""

    excludes_writers = False
    searches_at_once = THREADS  # they wait for the bucket, and not for a processor

    def __init__(self, uri: str, table: str = TABLE, *, is_named: bool = False) -> None:
        """`uri` is such as s3://bucket/prefix; `is_named` where the location names this table.

        Raises:
            StorageError: it is no s3:// URI.
        """
        self.place = self._place = BucketFiles(uri)
        self.root = self._place.uri
        self.table = table
        self.location = location_of(self.root, table) if is_named else self.root
        places = self._place.below(THUMBNAILS), self._place.below(ORIGINALS)
        self.blobs = Blobs(*places, threads=_CONNECTIONS)
        self.leftovers = Leftovers(self._place.below(LEFTOVERS))
        self._writing = Lock()
        self._keeping = Lock()

    @override
    def has_table(self) -> bool:
        table = f"{self.table}.lance"
        manifests = self._place.entries(f"{table}/_versions/")
        if any(entry.name.endswith(".manifest") for entry in manifests):
            return True
        return any(True for _ in self._place.entries(f"{table}/data/"))

    @override
    def newest_manifest(self) -> str:
        name, etag = self._place.first_etag(f"{self.manifests}/")
        return f"{name} {etag}" if MANIFEST.fullmatch(name.rpartition("/")[2]) else ""

    @override
    def is_free(self) -> bool:
        if self.has_table():
            return False
        ours = {THUMBNAILS, ORIGINALS, LEFTOVERS, TABLES, *NAMES}
        names = (entry.name.partition("/")[0] for entry in self._place.entries())
        return all(name in ours or is_folder_of_table(name) for name in names)

    def prepare(self) -> None:
        """There are no folders to make."""

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Wait until no other thread of this process writes; other processes need not wait."""
        with held(self._writing):
            yield

    @contextmanager
    def keeper(self) -> Iterator[bool]:
        """False when another thread of this process keeps the index in order already."""
        is_mine = self._keeping.acquire(blocking=False)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._keeping.release()

    @override
    def bytes_used(self) -> int:
        return sum(entry.size for entry in self._place.entries())

    def _storage_options(self) -> dict[str, str]:
        """What boto3 has found, in LanceDB's words, so that both use one account and endpoint."""
        access = self._place.access()
        options = {"aws_region": access.region}
        if access.endpoint:
            options["aws_endpoint"] = access.endpoint
            options["allow_http"] = str(access.endpoint.startswith("http:")).lower()
        if access.key_id and access.secret_key:
            options["aws_access_key_id"] = access.key_id
            options["aws_secret_access_key"] = access.secret_key
        if access.session_token:
            options["aws_session_token"] = access.session_token
        return options
