"""What boto3 raises when S3 cannot be used, in the words of photoseek.

The codes are those of S3's error answers; a server that speaks its protocol uses the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from photoseek.errors import StorageError

_MISSING_CREDENTIALS = (
    "There are no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or "
    "AWS_PROFILE, or run: aws configure"
)
_EXPIRED = "The AWS credentials have expired. Log in again, or set new ones."
_REFUSED = (
    "The AWS credentials are not accepted ({code}). Check AWS_ACCESS_KEY_ID, "
    "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE."
)
_DENIED = (
    "Access to {place} is denied. Allow these AWS credentials to list the bucket and to read "
    "(and, for an index or a download, to write) its objects, or use others."
)
_WRONG_REGION = (
    "The bucket of {place} lies in another region{region}. Set AWS_DEFAULT_REGION to it."
)

_SENTENCES = {
    "NoSuchBucket": "There is no bucket for {place}. Check its name, or create it.",
    "InvalidBucketName": "The bucket of {place} has a name that S3 does not allow.",
    "KeyTooLongError": "The key of {place} is longer than the 1,024 bytes that S3 allows.",
    "InvalidObjectState": "{place} is archived. Restore it in S3 first.",
    "RequestTimeTooSkewed": "The clock of this machine is wrong, so S3 refuses it. Set it right.",
    **dict.fromkeys(
        ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"), _DENIED
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"),
        _EXPIRED,
    ),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidClientTokenId"),
        _REFUSED,
    ),
    **dict.fromkeys(
        (
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "301",
        ),
        _WRONG_REGION,
    ),
}

_NO_CREDENTIALS = (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)
_NO_SESSION = (
    exceptions.CredentialRetrievalError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.SSOTokenLoadError,
    exceptions.TokenRetrievalError,
)
_UNREACHABLE = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectionClosedError,
    exceptions.ProxyConnectionError,
    exceptions.SSLError,
    exceptions.HTTPClientError,
)
_SILENT = (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError)
_REGION = re.compile(r"expecting '([a-z0-9-]+)'")


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what boto3 raises inside into `StorageError`. `place` is an s3:// URI."""
    try:
        yield
    except ClientError as error:
        raise StorageError(_answer(error, place[:200])) from error
    except BotoCoreError as error:
        raise StorageError(_failure(error, place[:200])) from error


def is_missing(error: ClientError) -> bool:
    """Whether there is no object of that key, in a bucket that is there."""
    return error.response["Error"]["Code"] in ("NoSuchKey", "404")


def is_overtaken(error: ClientError) -> bool:
    """Whether a conditional write was refused because another writer came first."""
    code = error.response["Error"]["Code"]
    return is_missing(error) or code in ("PreconditionFailed", "ConditionalRequestConflict", "412")


def knows_no_batches(error: ClientError) -> bool:
    """Whether a server refuses to remove many objects by one request, as some that are not AWS."""
    code = error.response["Error"]["Code"]
    return code in ("MissingContentMD5", "NotImplemented", "MethodNotAllowed", "501", "405")


def sentence(code: str, place: str, region: str | None = None) -> str:
    """What an error code of S3 means for a place. `region` is the one that it lies in."""
    words = _SENTENCES.get(code, "S3 refuses {place} ({code}).")
    return words.format(place=place, code=code, region=f", {region}" if region else "")


def _answer(error: ClientError, place: str) -> str:
    """S3 answered, and said no."""
    about = error.response["Error"]
    code = about.get("Code", "")
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    if code not in _SENTENCES and status in (429, 500, 502, 503, 504):
        return f"S3 answers {status} ({code}) to {place} again and again. Try again later."
    if code not in _SENTENCES:
        return f"S3 refuses {place} ({code}: {about.get('Message', '')[:200].rstrip('.')})."
    region = metadata.get("HTTPHeaders", {}).get("x-amz-bucket-region")
    if not region and (found := _REGION.search(about.get("Message", ""))):
        region = found[1]
    return sentence(code, place, region)


def _failure(error: BotoCoreError, place: str) -> str:
    """There was no answer, or nothing could be asked."""
    if isinstance(error, _NO_CREDENTIALS):
        return _MISSING_CREDENTIALS
    if isinstance(error, _NO_SESSION):
        return _EXPIRED
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}. AWS_PROFILE must name a profile of ~/.aws/config."
    if isinstance(error, _SILENT):
        return f"S3 does not answer in time when asked for {place}. Try again later."
    if isinstance(error, (exceptions.ResponseStreamingError, exceptions.IncompleteReadError)):
        return f"S3 breaks off while it sends {place}. Try again later."
    if isinstance(error, exceptions.FlexibleChecksumError):
        return f"What S3 sends of {place} is not what its checksum says. Upload it again."
    if isinstance(error, _UNREACHABLE):
        reason = str(error).rstrip(".")
        return f"S3 cannot be reached ({reason}). Check the network and AWS_ENDPOINT_URL."
    return f"S3 cannot be asked for {place} ({str(error).rstrip('.')})."
