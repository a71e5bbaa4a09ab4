# A queue that S3 tells of each change below photos/, for a host that need not list the bucket.

locals {
  queues = var.queue ? toset(["queue"]) : toset([])
}

resource "aws_sqs_queue" "unusable" {
  for_each = local.queues

  name                      = "${var.name}-events-unusable"
  message_retention_seconds = 1209600 # 14 days, the longest there is
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "events" {
  for_each = local.queues

  name                       = "${var.name}-events"
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.unusable[each.key].arn
    maxReceiveCount     = 20 # the worker gives up after ten, and says why
  })
}

data "aws_iam_policy_document" "events" {
  for_each = local.queues

  statement {
    sid       = "BucketTells"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [data.aws_s3_bucket.photos.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  for_each = local.queues

  queue_url = aws_sqs_queue.events[each.key].id
  policy    = data.aws_iam_policy_document.events[each.key].json
}

resource "aws_s3_bucket_notification" "photos" {
  for_each = local.queues

  bucket = data.aws_s3_bucket.photos.id

  queue {
    queue_arn     = aws_sqs_queue.events[each.key].arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix = "photos/"
  }

  depends_on = [aws_sqs_queue_policy.events] # S3 tries the queue at once
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queues

  statement {
    sid = "Work"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.events[each.key].arn]
  }

  statement {
    sid       = "Unusable"
    actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.unusable[each.key].arn]
  }
}
