"""S3 through boto3: locations, the client, and objects read whole.

Credentials, region, profile, endpoint (AWS_ENDPOINT_URL) and retries are those of boto3, from
the usual AWS_* variables and ~/.aws; it retries by itself what is worth another attempt, with
growing pauses. Only a body that breaks off, and the time that all attempts take together, are left
to us.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from photoseek.errors import StorageError
from photoseek.fetch.local import oversized
from photoseek.files.s3_deadlines import keep_time
from photoseek.files.s3_errors import explained, is_missing
from photoseek.helpers.deadlines import seconds_left, within

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 10
READ_SECONDS = 15
"""The longest silence of a server."""

CONNECTIONS = 64
"""Kept open at most, shared by all threads of one client."""

LONGEST_LINK = 7 * 24 * 3600
"""Seconds. S3 signs links for a week at most."""

ATTEMPTS = 3
FIRST_PAUSE = 0.25
"""Seconds before a body that broke off is asked for again; doubled before the third attempt."""

_AWS = (".amazonaws.com", ".amazonaws.com.cn")
_CHUNK = 65_536  # the time is looked at before each
_BUCKET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,62}", re.ASCII)
_BROKEN_OFF = (
    ResponseStreamingError,
    IncompleteReadError,
    FlexibleChecksumError,
    ReadTimeoutError,
)


@dataclass(frozen=True, slots=True)
class S3Location:
    """An object in a bucket, or a prefix of keys. Keys are taken as they are: "%" is a letter."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """In the words of `parse`."""
        return f"s3://{self.bucket}/{self.key}"


def parse(uri: str) -> S3Location:
    """The location that s3://bucket/key names; the key may be empty.

    Raises:
        StorageError: there is no bucket in it, or what cannot be one.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() != "s3" or not _BUCKET.fullmatch(bucket):
        raise StorageError(f"{uri[:200]!r} names no bucket in S3. Write s3://BUCKET/PREFIX.")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise StorageError(f"{uri[:200]!r} is not UTF-8.") from error
    return S3Location(bucket, key)


@dataclass(frozen=True, slots=True)
class Access:
    """How boto3 reaches a bucket. `endpoint` is "" for AWS itself.

    The keys are "" where they expire: whoever needs them must find and renew them itself.
    """

    region: str
    endpoint: str
    key_id: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)


def connect(silence: float | None = None, *, attempts: int | None = None) -> S3Client:
    """A client that may be used by many threads. Takes a quarter of a second.

    `silence` is the longest one of the server in seconds, where it is less than `READ_SECONDS`, and
    `attempts` how often a request is sent at most, by default what the AWS settings say.

    Raises:
        StorageError: the AWS settings make no sense.
    """
    silence = READ_SECONDS if silence is None else min(READ_SECONDS, silence)
    connecting = min(CONNECT_SECONDS, silence)
    config = Config(
        connect_timeout=connecting,
        read_timeout=silence,
        retries={"total_max_attempts": attempts} if attempts else None,
        max_pool_connections=CONNECTIONS,
        signature_version="s3v4",  # else links are signed in a way that newer regions refuse
    )
    try:
        # A session of its own, because the one that boto3 shares is not for threads.
        client = boto3.session.Session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no URL
        reason = str(error).rstrip(".")
        raise StorageError(
            f"S3 cannot be used: {reason}. Check the AWS_* variables and ~/.aws/config."
        ) from error
    keep_time(client, connecting=connecting, silence=silence)
    return client


def bucket_region(client: S3Client, bucket: str) -> str | None:
    """The region that a bucket lies in, by one request; None where S3 does not say.

    Servers that know no regions are in the configured one. boto3 remembers where it was sent on
    to, and signs for that region.
    """
    try:
        answer = client.head_bucket(Bucket=bucket)
    except (ClientError, BotoCoreError):
        return None
    region = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    return region or client.meta.region_name


def access(client: S3Client, region: str) -> Access:
    """How this client reaches a bucket in that region."""
    endpoint = client.meta.endpoint_url
    if (urlsplit(endpoint).hostname or "").endswith(_AWS):
        endpoint = ""
    credentials = boto3.session.Session().get_credentials()
    if credentials is None or isinstance(credentials, RefreshableCredentials):
        return Access(region, endpoint)
    keys = credentials.get_frozen_credentials()
    return Access(region, endpoint, keys.access_key or "", keys.secret_key or "", keys.token or "")


def presigned(
    client: S3Client, location: S3Location, seconds: int, headers: Mapping[str, str] | None = None
) -> str:
    """A URL by which anybody can read an object for so long, a week at most.

    `headers` are what S3 is to answer with instead of what it keeps beside the object, in its own
    words: ResponseContentType and the like. Made with passing credentials, the URL ends when they
    do. Raises StorageError without credentials.
    """
    with explained(location.uri):
        return client.generate_presigned_url(
            "get_object",
            Params={"Bucket": location.bucket, "Key": location.key, **(headers or {})},
            ExpiresIn=min(seconds, LONGEST_LINK),
        )


def fetch(
    client: S3Client, location: S3Location, *, max_bytes: int | None = None, seconds: float = 600
) -> bytes | None:
    """The bytes of an object within so many seconds in all, or None where there is none.

    A body that breaks off is asked for again while there is time.

    Raises:
        OversizedPhotoError: it has more than `max_bytes`; they are not downloaded then.
        StorageError: anything else, in words.
    """
    pause = FIRST_PAUSE
    with explained(location.uri), within(seconds):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = client.get_object(Bucket=location.bucket, Key=location.key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
            try:
                with closing(answer["Body"]) as body:
                    _check_size(answer["ContentLength"], max_bytes)
                    return _read(body, location, answer["ContentLength"], max_bytes)
            except _BROKEN_OFF as error:
                if seconds_left() <= 0:
                    raise _too_slow(location) from error
                if attempt == ATTEMPTS or pause >= seconds_left():
                    raise
            time.sleep(pause)
            pause *= 2
    raise AssertionError("the last attempt returns or raises")


def _read(body: StreamingBody, location: S3Location, length: int, max_bytes: int | None) -> bytes:
    data = bytearray()
    while True:
        left = seconds_left()
        if left <= 0:
            raise _too_slow(location)
        if len(data) < length:  # else there is no connection any more
            body.set_socket_timeout(min(READ_SECONDS, left))
        chunk = body.read(_CHUNK)
        if not chunk:
            return bytes(data)
        data += chunk
        _check_size(len(data), max_bytes)


def _too_slow(location: S3Location) -> StorageError:
    return StorageError(
        f"S3 takes too long to send {location.uri[:200]}. Raise PHOTOSEEK_FETCH_SECONDS."
    )


def _check_size(size: int, max_bytes: int | None) -> None:
    if max_bytes is not None and size > max_bytes:
        raise oversized(size, max_bytes)
