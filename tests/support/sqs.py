"""A queue on this machine, and messages as S3 writes them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote_plus

import boto3

from tests.support.s3 import ENVIRONMENT

TAKEN_AT_MOST = 1_000


@cache
def client(url: str) -> Any:
    return boto3.client(
        "sqs",
        endpoint_url=url,
        region_name=ENVIRONMENT["AWS_DEFAULT_REGION"],
        aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
    )


@dataclass(frozen=True)
class Queues:
    """A queue with a dead-letter queue, at a server that speaks SQS."""

    url: str
    name: str
    place: str
    dead: str

    def send(self, *keys: str, bucket: str, event: str = "ObjectCreated:Put") -> None:
        for key in keys:
            self.send_text(notice(bucket, key, event))

    def send_text(self, body: str) -> None:
        client(self.url).send_message(QueueUrl=self.place, MessageBody=body)

    def dead_letters(self) -> list[tuple[str, str]]:
        """Each with the reason."""
        answer = client(self.url).receive_message(
            QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [
            (each["Body"], each["MessageAttributes"]["photoseek-reason"]["StringValue"])
            for each in answer.get("Messages", [])
        ]

    def left(self) -> int:
        """Messages that nobody is done with, hidden ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = client(self.url).get_queue_attributes(QueueUrl=self.place, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


def make_queues(url: str) -> Queues:
    return make_queue(url, f"photos-{uuid.uuid4().hex}")


def make_queue(url: str, name: str) -> Queues:
    sqs = client(url)
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    policy = {
        "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
        "maxReceiveCount": str(TAKEN_AT_MOST),
    }
    attributes = {"RedrivePolicy": json.dumps(policy)}
    place = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return Queues(url, name, place, dead)


def notice(bucket: str, key: str, event: str = "ObjectCreated:Put") -> str:
    """What S3 sends of an object."""
    about = {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}}
    return json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": event, "s3": about}]})
