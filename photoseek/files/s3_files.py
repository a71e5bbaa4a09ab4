"""A prefix in an S3 bucket as a place."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from typing_extensions import override

from photoseek.errors import StorageError
from photoseek.files.named_files import BINARY, Change, Entry, FileStore, checked_name
from photoseek.files.s3 import (
    Access,
    access,
    bucket_region,
    connect,
    fetch,
    presigned,
)
from photoseek.files.s3_errors import explained, is_missing, is_overtaken, knows_no_batches
from photoseek.files.s3_locations import S3Location, parse
from photoseek.helpers.deadlines import READ_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ErrorTypeDef

_REMOVED_AT_ONCE = 1000  # as many as S3 takes
_UPDATES = 20


class BucketFiles(FileStore):
    """Objects whose keys begin with a prefix and "/". The client is made when first needed."""

    def __init__(self, uri: str, *, silence: float = READ_SECONDS) -> None:
        """`uri` is s3://bucket or s3://bucket/prefix, `silence` the longest one of S3 in seconds.

        Raises:
            StorageError: `uri` is something else.
        """
        location = parse(uri)
        self._silence = silence
        self.bucket = location.bucket
        prefix = location.key.rstrip("/")
        self._prefix = f"{checked_name(prefix)}/" if prefix else ""
        self.uri = S3Location(location.bucket, self._prefix).uri.rstrip("/")
        self._lock = threading.Lock()
        self._connected: S3Client | None = None
        self._region = ""

    @override
    def prepare(self) -> None:
        client = self._client()
        # By a listing and not HEAD, whose answer has no body that says what is wrong.
        with explained(self.uri):
            client.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1)

    @override
    def read(self, name: str) -> bytes | None:
        return fetch(self._client(), self._location(name), silence=self._silence)

    @override
    def write(self, name: str, data: bytes, content_type: str = BINARY) -> None:
        location = self._location(name)
        client = self._client()
        with explained(location.uri):
            client.put_object(
                Bucket=self.bucket, Key=location.key, Body=data, ContentType=content_type
            )

    @override
    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        client = self._client()
        location = self._location(name)
        for _ in range(_UPDATES):
            with explained(location.uri):
                etag = self._etag(client, location.key)
                data = change(self.read(name) if etag else None)
                write = partial(
                    client.put_object,
                    Bucket=self.bucket,
                    Key=location.key,
                    Body=data,
                    ContentType=content_type,
                )
                try:
                    write(IfMatch=etag) if etag else write(IfNoneMatch="*")
                except ClientError as error:
                    if not is_overtaken(error):
                        raise
                else:
                    return data
        raise StorageError(f"Others change {location.uri[:200]} again and again. Try again later.")

    def _etag(self, client: S3Client, key: str) -> str | None:
        try:
            return client.head_object(Bucket=self.bucket, Key=key)["ETag"]
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def first_etag(self, prefix: str) -> tuple[str, str]:
        """The first name with a prefix, in the order of names, and what tells its content.

        Both are "" where there is none.
        """
        client = self._client()
        with explained(self.uri):
            answer = client.list_objects_v2(
                Bucket=self.bucket, Prefix=self._prefix + prefix, MaxKeys=1
            )
        for found in answer.get("Contents", []):
            return found["Key"].removeprefix(self._prefix), found["ETag"]
        return "", ""

    @override
    def remove(self, names: Iterable[str]) -> None:
        keys = (self._location(name).key for name in names)
        while some := list(islice(keys, _REMOVED_AT_ONCE)):
            for refused in self._remove_many(some):
                raise StorageError(
                    f"S3 does not remove s3://{self.bucket}/{refused.get('Key', '')[:200]} "
                    f"({refused.get('Code')}: {refused.get('Message')})."
                )

    def _remove_many(self, keys: Sequence[str]) -> Sequence[ErrorTypeDef]:
        """Remove at once, or one by one where the server cannot or wants an older checksum.

        Gives those that stay, with the reason.
        """
        client = self._client()
        with explained(self.uri):
            try:
                answer = client.delete_objects(
                    Bucket=self.bucket,
                    Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
                )
                return answer.get("Errors", [])
            except ClientError as error:
                if not knows_no_batches(error):
                    raise
            for key in keys:
                client.delete_object(Bucket=self.bucket, Key=key)
        return []

    @override
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        client = self._client()
        with explained(self.uri):
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", []):
                    name = found["Key"].removeprefix(self._prefix)
                    if name and not name.endswith("/"):  # else it stands for a folder
                        size, etag = found.get("Size", 0), found.get("ETag", "")
                        yield _entry(name, size, etag, found.get("LastModified"))
                if page.get("IsTruncated") and not page.get("NextContinuationToken"):
                    # boto3 would end here, and what was not listed would be taken to be gone.
                    raise StorageError(
                        f"The listing of {self.uri[:200]} is cut short: the server says that there "
                        "is more, and not how to ask for it. Tell whoever runs that S3 server."
                    )

    @override
    def entry(self, name: str) -> Entry | None:
        location = self._location(name)
        client = self._client()
        with explained(location.uri):
            try:
                found = client.head_object(Bucket=self.bucket, Key=location.key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        size, etag = found["ContentLength"], found.get("ETag", "")
        return _entry(name, size, etag, found.get("LastModified"))

    @override
    def remove_unfinished(self, age: timedelta) -> None:
        pass  # an upload that breaks off leaves nothing

    @override
    def link(self, name: str, seconds: int) -> str:
        # Made with passing credentials, it ends when they do.
        location = self._location(name)
        client = self._client()
        self._learn_region(client)
        return presigned(client, location, seconds)

    def below(self, name: str) -> BucketFiles:
        """The place at a prefix below this one."""
        return BucketFiles(f"{self.uri}/{checked_name(name)}", silence=self._silence)

    def access(self) -> Access:
        """What other libraries need to use the bucket as boto3 does."""
        client = self._client()
        self._learn_region(client)
        with explained(self.uri):
            return access(client, self._region)

    def _location(self, name: str) -> S3Location:
        return S3Location(self.bucket, self._prefix + checked_name(name))

    def _client(self) -> S3Client:
        with self._lock:
            if self._connected is None:
                self._connected = connect(self._silence)
            return self._connected

    def _learn_region(self, client: S3Client) -> None:
        """Ask once. A link for the wrong region fails, since browsers cannot sign it again.

        boto3 remembers where it was sent on to.
        """
        if not self._region:
            self._region = bucket_region(client, self.bucket) or client.meta.region_name


def _entry(name: str, size: int, etag: str, modified: datetime | None) -> Entry:
    """One object. Some servers leave out its ETag, so its time stands in."""
    tag = etag.strip('"') or (modified.isoformat() if modified else "")
    return Entry(name, size, modified or datetime.fromtimestamp(0, UTC), tag)
