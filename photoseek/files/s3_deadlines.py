"""How long a request to S3 is waited for in all. boto3 alone gives each attempt its full time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from photoseek.helpers.deadlines import is_hurried, seconds_left

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
    from mypy_boto3_s3 import S3Client

SILENT_ATTEMPTS = 2
"""Where no time was set: S3 that is silent at this attempt is not asked once more."""


def keep_time(client: S3Client, *, connecting: float, silence: float) -> None:
    """Have a client mind `within`, and `SILENT_ATTEMPTS` elsewhere.

    `connecting` is how long its connections may take to be made, `silence` the longest one of the
    server, in seconds.
    """

    def shorten(request: AWSRequest, **_: object) -> None:
        """No attempt may be silent for longer than there is time."""
        left = seconds_left()
        if left <= 0:
            raise ReadTimeoutError(endpoint_url=str(request.url))
        request.context["read_timeout"] = min(silence, left)

    def give_up(attempts: int, caught_exception: Exception | None = None, **_: object) -> Any:
        """False ends the attempts; None leaves boto3 to tell what is worth another one."""
        if not is_hurried():
            silent = isinstance(caught_exception, (ConnectTimeoutError, ReadTimeoutError))
            return False if silent and attempts >= SILENT_ATTEMPTS else None
        # Only the silence of an answer can be shortened, not that of a connection being made.
        needed = connecting if isinstance(caught_exception, ConnectTimeoutError) else 0
        return False if seconds_left() <= needed else None

    client.meta.events.register_first("request-created.s3", shorten)
    client.meta.events.register_first("needs-retry.s3", give_up)
