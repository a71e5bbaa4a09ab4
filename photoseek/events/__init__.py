"""What changes in a bucket, as the messages of a queue tell it, brought into an index."""

from photoseek.errors import QueueError
from photoseek.events.queues import HOLD_SECONDS, SCHEME, Queue
from photoseek.helpers.extras import check_extra


def open_queue(address: str, *, hold: int = HOLD_SECONDS) -> Queue:
    """The queue at sqs://NAME, or at the URL that SQS has for it.

    Messages of a worker that dies stay hidden from others for `hold` seconds.

    Raises:
        QueueError: it is neither, there is no such queue, or it cannot be reached.
        MissingPackageError: boto3 is not installed.
    """
    if not address.startswith((SCHEME, "https://", "http://")) or address == SCHEME:
        raise QueueError(f"{address[:200]!r} names no queue. Write sqs://NAME, or its URL.")
    check_extra("s3")
    from photoseek.events.sqs import SqsQueue  # boto3 takes half a second to import

    return SqsQueue(address, hold=hold)
