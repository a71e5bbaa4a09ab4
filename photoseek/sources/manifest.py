"""A table that lists photos: their paths or URLs, and what is known about each."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self
from urllib.parse import urlsplit

from photoseek.description_limits import printable
from photoseek.errors import SourceError
from photoseek.helpers.idset import key_of
from photoseek.helpers.path_rules import (
    HERE,
    extended,
    parent_of,
    path_of_file_uri,
    plain,
    spellings,
)
from photoseek.helpers.uri import S3_PREFIX, is_s3, scheme_of
from photoseek.records import Photo, Skip
from photoseek.sources.bucket import versions_below
from photoseek.sources.encodings import Content
from photoseek.sources.misspelt import hint, in_other_case
from photoseek.sources.photo_folders import folder_below, folder_of_address
from photoseek.sources.photo_rows import cell_text, described, known_columns, open_table
from photoseek.sources.source import Notes, file_id, file_version, is_utf8
from photoseek.sources.tables import Row, Table
from photoseek.sources.xmp_files import SidecarsOfPaths, with_sidecar, with_sidecar_file
from photoseek.sources.xmp_objects import sidecar_among_uris

_SCHEMES = ("http", "https", "s3")


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """The photos of a manifest, in its order.

    A row needs a `path` (relative ones start at the manifest's folder) or a `url`; where both
    are given, the path is taken if there is a file. Either may be an s3:// URI, and the manifest
    may lie in S3. It may have `id`, `caption`, `tags`, `photographer`, `licence` (or `license`),
    `source_url` and `folder`; without the latter, that is where the photo lies as seen from the
    manifest's folder, or behind the host of its URL. The case of these names is ignored. Every
    other column that is not empty goes to the metadata of its photo.

    Tags are separated by ";", or by "|" where there is no ";", or by "," where there is neither.
    Of rows with the same id the first counts. A photo behind a URL has no version, since only
    fetching tells whether it has changed; nor has one in S3, unless it lies below the folder of a
    manifest in S3, which is listed for it. The side-cars of files count, and of such objects.
    """

    lists_everything: ClassVar[bool] = True

    location: str
    _table: Table
    _names: dict[str, str]
    notes: Notes = field(default_factory=Notes, compare=False)

    @classmethod
    def open(cls, location: str, content: Content) -> Self:
        """The manifest at a location, with the bytes that `content` opens.

        Raises:
            SourceError: it is no table, has the wrong columns, or no rows.
        """
        table = open_table(content, location)
        source = cls(location, table, known_columns(location, table))
        if next(table.rows(), None) is None:
            raise SourceError(f"{location} names its columns and lists no photos below them.")
        return source

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield a Photo or a Skip for each row. Remembers 8 bytes of each id."""
        self.notes.begin()
        for remark in self._table.remarks:
            self.notes.remark(remark)
        first_rows: dict[int, int] = {}
        in_bucket = is_s3(self.location)
        versions = versions_below(self.location.rpartition("/")[0]) if in_bucket else {}
        sidecars = SidecarsOfPaths()
        for row in self._table.rows():
            found = self._photo(row, versions, sidecars)
            if isinstance(found, Photo):
                first = first_rows.setdefault(key_of(found.id), row.number)
                if first != row.number:
                    found = self._skip(row, f"the id {found.id} was used in {self._at(first)}")
            yield found

    def count(self) -> int:
        """Count the rows."""
        return self._table.count()

    def _photo(
        self, row: Row, versions: Mapping[str, str], sidecars: SidecarsOfPaths
    ) -> Photo | Skip:
        if row.problem:
            return replace(self._skip(row, row.problem), unclear=True)
        path, url = (cell_text(row, self._names, name) for name in ("path", "url"))
        if scheme_of(path) in ("http", "https"):
            path, url = "", url or path
        uri, version = self._place(path, url, versions)
        if not uri:
            own_id = cell_text(row, self._names, "id") or self._id_of(path)
            return replace(self._skip(row, version), id=own_id)
        photo = described(row, self._names, uri, version or versions.get(uri, ""))
        if "folder" not in self._names:
            photo = replace(photo, folder=self._folder(uri))
        if not scheme_of(uri):
            if sidecar := sidecars.of(uri):
                photo = with_sidecar_file(photo, sidecar)
        elif beside := sidecar_among_uris(uri, versions):
            photo = with_sidecar(photo, beside, versions[beside])
        return self.notes.fitted(photo, self._at(row.number), f"{self.location}:{row.number}")

    def _folder(self, uri: str) -> str:
        root = parent_of(self.location)
        return folder_below(uri, root) or ("" if uri.startswith(root) else folder_of_address(uri))

    def _place(self, path: str, url: str, versions: Mapping[str, str]) -> tuple[str, str]:
        """The uri and version of a row, or "" and the reason why it has none."""
        problem = "row has neither a path nor a url"
        if path and not path.startswith("/") and is_s3(self.location):
            path = path if "://" in path else self._in_bucket(path, versions)
        if path.startswith(S3_PREFIX):
            return path, ""
        if path:
            try:
                full, status = self._found(path)
                if not is_utf8(full):
                    problem = f"{printable(full)} is not UTF-8; rename it"
                elif stat.S_ISREG(status.st_mode):
                    return full, file_version(status)
                else:
                    problem = f"{full} is not a file"
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                meant = hint(path) if isinstance(error, FileNotFoundError) else ""
                problem = f"{path} cannot be read: {reason}{meant}"
        if url:
            try:
                if urlsplit(url).scheme.lower() in _SCHEMES and urlsplit(url).hostname:
                    return url, ""
                problem = f"{url[:200]} is no http(s) or s3 URL; put paths into the column path"
            except ValueError as error:
                problem = f"{url[:200]} is no URL ({error})"
        return "", problem

    def _found(self, path: str) -> tuple[str, os.stat_result]:
        """The whole path of a file, as it is written or as this disk spells it, and its state."""
        if scheme_of(path) == "file":
            path = path_of_file_uri(path)
        missing: OSError | None = None
        for spelling in spellings(path):
            full = self._full(spelling)
            try:
                return full, os.stat(extended(full))  # noqa: PTH116
            except FileNotFoundError as error:
                missing = missing or error
        assert missing is not None
        if full := in_other_case(self._full(path.replace("\\", "/") if HERE == "posix" else path)):
            return full, os.stat(extended(full))  # noqa: PTH116
        raise missing

    def _full(self, path: str) -> str:
        # Strings, because a million rows would spend a minute on making Paths.
        folder = os.path.dirname(self.location)  # noqa: PTH120
        return plain(os.path.realpath(os.path.join(folder, path)))  # noqa: PTH118

    def _in_bucket(self, path: str, versions: Mapping[str, str]) -> str:
        """The URI of an object that lies below the manifest's folder, in which keys have "/"."""
        folder = self.location.rpartition("/")[0]
        whole = [f"{folder}/{spelling}" for spelling in spellings(path, "posix")]
        return next((uri for uri in whole if uri in versions), whole[0])

    def _id_of(self, path: str) -> str:
        """The id that the photo at a path has while its file can be read; "" without a path."""
        try:
            return file_id(self._full(path)) if path else ""
        except ValueError:
            return ""

    def _skip(self, row: Row, reason: str) -> Skip:
        return Skip(f"{self.location}:{row.number}", f"{self._at(row.number)}: {reason}.")

    def _at(self, number: int) -> str:
        return f"{self._table.row_name} {number}"
