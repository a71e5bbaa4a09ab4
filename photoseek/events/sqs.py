"""A queue of SQS, or of a server that speaks its protocol, through boto3.

Credentials, region and endpoint (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS) are those of boto3.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from photoseek.errors import QueueError
from photoseek.events.queues import HOLD_SECONDS, LONGEST_WAIT, SCHEME, Message, Queue

MOST_AT_ONCE = 10
"""Messages: as many as SQS gives and takes in one request."""

REASON = "photoseek-reason"
"""The attribute of a message in the dead-letter queue that says why it is there."""

_MISSING = "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"


class SqsQueue(Queue):
    """A queue of SQS, with the dead-letter queue that its redrive policy names."""

    def __init__(self, address: str, *, hold: int = HOLD_SECONDS) -> None:
        """`address` is sqs://NAME, or the URL of a queue; `hold` are seconds.

        Raises:
            QueueError: there is no such queue, or AWS cannot be used.
        """
        self.address = address
        self._hold = hold
        with _explained(address):
            config = Config(read_timeout=LONGEST_WAIT + 40)
            self._client: Any = boto3.session.Session().client("sqs", config=config)
            name = address.removeprefix(SCHEME)
            is_name = address.startswith(SCHEME)
            self._url = self._client.get_queue_url(QueueName=name)["QueueUrl"] if is_name else name
            self._dead_letters = self._find_dead_letters()

    @property
    @override
    def has_dead_letters(self) -> bool:
        return self._dead_letters is not None

    @override
    def take(self, seconds: int = LONGEST_WAIT) -> list[Message]:
        with _explained(self.address):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=MOST_AT_ONCE,
                WaitTimeSeconds=seconds,
                VisibilityTimeout=self._hold,
                AttributeNames=["ApproximateReceiveCount"],
            )
        return [
            Message(
                each["MessageId"],
                each["ReceiptHandle"],
                each["Body"],
                int(each["Attributes"]["ApproximateReceiveCount"]),
            )
            for each in answer.get("Messages", [])
        ]

    @override
    @contextmanager
    def held(self, messages: Sequence[Message]) -> Iterator[None]:
        ended = threading.Event()

        def hold() -> None:
            while not ended.wait(self._hold / 3):
                with suppress(QueueError):  # then others see them, and do the same once more
                    self._hide(messages, self._hold)

        holder = threading.Thread(target=hold, name="hold messages", daemon=True)
        holder.start()
        try:
            yield
        except BaseException:
            ended.set()
            with suppress(QueueError):
                self._hide(messages, 0)
            raise
        finally:
            ended.set()
            holder.join()

    @override
    def done(self, messages: Sequence[Message]) -> None:
        if messages:
            entries = [{"Id": f"{n}", "ReceiptHandle": m.receipt} for n, m in enumerate(messages)]
            with _explained(self.address):
                self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)

    @override
    def bury(self, message: Message, reason: str) -> None:
        if self._dead_letters is not None:
            attribute = {"DataType": "String", "StringValue": reason}
            with _explained(self.address):
                self._client.send_message(
                    QueueUrl=self._dead_letters,
                    MessageBody=message.body,
                    MessageAttributes={REASON: attribute},
                )
        self.done([message])

    def _hide(self, messages: Sequence[Message], seconds: int) -> None:
        entries = [
            {"Id": f"{n}", "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
            for n, message in enumerate(messages)
        ]
        if entries:
            with _explained(self.address):
                self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _find_dead_letters(self) -> str | None:
        answer = self._client.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["RedrivePolicy"]
        )
        policy = answer.get("Attributes", {}).get("RedrivePolicy")
        if not policy:
            return None
        name = json.loads(policy)["deadLetterTargetArn"].rpartition(":")[2]
        url: str = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        return url


@contextmanager
def _explained(address: str) -> Iterator[None]:
    place = address[:200]
    try:
        yield
    except ClientError as error:
        about = error.response.get("Error", {})
        if about.get("Code") in _MISSING:
            raise QueueError(
                f"There is no queue {place}. Check its name and AWS_REGION."
            ) from error
        reason = f"{about.get('Code')}: {about.get('Message', '')[:200].rstrip('.')}"
        raise QueueError(f"SQS refuses {place} ({reason}).") from error
    except (BotoCoreError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise QueueError(
            f"The queue {place} cannot be used: {reason}. Check the network, and the variables "
            "AWS_*."
        ) from error
