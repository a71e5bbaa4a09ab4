"""S3 through boto3: locations, the client, and objects read whole.

Credentials, region, profile, endpoint (AWS_ENDPOINT_URL) and retries are those of boto3, from
the usual AWS_* variables and ~/.aws; it retries by itself what is worth another attempt, with
growing pauses. Only a body that breaks off, and the time that all attempts take together, are left
to us.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import botocore.session
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
from botocore.hooks import HierarchicalEmitter
from botocore.utils import parse_timestamp

from photoseek.errors import OversizedPhotoError, StorageError
from photoseek.files.s3_deadlines import keep_time
from photoseek.files.s3_errors import explained, is_missing
from photoseek.files.s3_locations import S3Location
from photoseek.helpers.deadlines import CONNECT_SECONDS, READ_SECONDS, seconds_left, within
from photoseek.helpers.retry import ATTEMPTS, SHORT, Attempts, Pauses

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from botocore.loaders import Loader
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

CONNECTIONS = 64
"""Kept open at most, shared by all threads of one client."""

LONGEST_LINK = 7 * 24 * 3600
"""Seconds. S3 signs links for a week at most."""

_AWS = (".amazonaws.com", ".amazonaws.com.cn")
_CHUNK = 65_536  # the time is looked at before each
_BROKEN_OFF = (
    ResponseStreamingError,
    IncompleteReadError,
    FlexibleChecksumError,
    ReadTimeoutError,
)


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


def connect(silence: float = READ_SECONDS, *, attempts: int | None = None) -> S3Client:
    """A client that may be used by many threads. The first takes a quarter of a second.

    `silence` is the longest one of the server in seconds, and `attempts` how often a request is
    sent at most, by default what the AWS settings say.

    Raises:
        StorageError: the AWS settings make no sense.
    """
    connecting = min(CONNECT_SECONDS, silence)
    config = Config(
        connect_timeout=connecting,
        read_timeout=silence,
        retries={"total_max_attempts": attempts} if attempts else None,
        max_pool_connections=CONNECTIONS,
        signature_version="s3v4",  # else links are signed in a way that newer regions refuse
    )
    try:
        client = _session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no URL
        reason = str(error).rstrip(".")
        raise StorageError(
            f"S3 cannot be used: {reason}. Check the AWS_* variables and ~/.aws/config."
        ) from error
    keep_time(client, connecting=connecting, silence=silence)
    return client


def moment_in(text: str) -> datetime:
    """A time in an answer of S3. A listing has a thousand, and botocore takes 50 us for each.

    Raises:
        ValueError: it is none.
    """
    with suppress(TypeError, ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    return parse_timestamp(text)


def _session() -> boto3.session.Session:
    """A session of its own, because the one that boto3 shares is not for threads.

    What AWS's services are like, megabytes of JSON, is read once for all of them, and so are
    the hundred handlers of requests and answers, which take longer to look up than to copy.
    """
    core = botocore.session.Session(event_hooks=copy(_handlers()), include_builtin_handlers=False)
    descriptions = _descriptions()
    core.register_component("data_loader", descriptions)
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment_in)
    session = boto3.session.Session(botocore_session=core)
    descriptions.search_paths[:] = dict.fromkeys(descriptions.search_paths)  # it adds its own
    return session


@cache
def _descriptions() -> Loader:
    loader: Loader = botocore.session.get_session().get_component("data_loader")
    return loader


@cache
def _handlers() -> BaseEventHooks:
    hooks = HierarchicalEmitter()
    botocore.session.Session(event_hooks=hooks)
    return hooks


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
    credentials = _session().get_credentials()
    if credentials is None or isinstance(credentials, RefreshableCredentials):
        return Access(region, endpoint)
    keys = credentials.get_frozen_credentials()
    return Access(region, endpoint, keys.access_key or "", keys.secret_key or "", keys.token or "")


def presigned(
    client: S3Client, location: S3Location, seconds: int, headers: Mapping[str, str] | None = None
) -> str:
    """A URL by which anybody can read an object for that many seconds, a week at most.

    `headers` are what S3 is to answer with instead of what it keeps beside the object, in its own
    words: ResponseContentType and the like. Made with passing credentials, the URL ends when they
    do.

    Raises:
        StorageError: without credentials.
    """
    with explained(location.uri):
        return client.generate_presigned_url(
            "get_object",
            Params={"Bucket": location.bucket, "Key": location.key, **(headers or {})},
            ExpiresIn=min(seconds, LONGEST_LINK),
        )


def fetch(
    client: S3Client,
    location: S3Location,
    *,
    max_bytes: int | None = None,
    seconds: float = 600,
    silence: float = READ_SECONDS,
    pauses: Pauses = SHORT,
) -> bytes | None:
    """The bytes of an object within that many seconds in all, or None where there is none.

    A body that breaks off, or falls silent for `silence` seconds, is asked for again while there is
    time.

    Raises:
        OversizedPhotoError: it has more than `max_bytes`; they are not downloaded then.
        StorageError: anything else, in words.
    """
    attempts = Attempts(ATTEMPTS, pauses)
    with explained(location.uri), within(seconds):
        while True:
            try:
                answer = client.get_object(Bucket=location.bucket, Key=location.key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
            try:
                with closing(answer["Body"]) as body:
                    _check_size(answer["ContentLength"], max_bytes)
                    return _read(body, location, answer["ContentLength"], max_bytes, silence)
            except _BROKEN_OFF as error:
                if seconds_left() <= 0:
                    raise _too_slow(location) from error
                attempts.failed(error)


def first_bytes(client: S3Client, location: S3Location, count: int) -> bytes:
    """How an object begins: at most that many bytes.

    Raises:
        StorageError: it cannot be read, in words.
    """
    with explained(location.uri):
        part = f"bytes=0-{count - 1}"
        answer = client.get_object(Bucket=location.bucket, Key=location.key, Range=part)
        with closing(answer["Body"]) as body:
            return body.read(count)


def _read(
    body: StreamingBody, location: S3Location, length: int, max_bytes: int | None, silence: float
) -> bytes:
    data = bytearray()
    while True:
        left = seconds_left()
        if left <= 0:
            raise _too_slow(location)
        if len(data) < length:  # else there is no connection any more
            body.set_socket_timeout(min(silence, left))
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
        raise OversizedPhotoError.of_bytes(size, max_bytes)
