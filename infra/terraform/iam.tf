# What the host may do. tests/deploy/test_terraform_policy.py compares the rights in the bucket with the
# calls that the program makes: no more, no less.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "host" {
  name               = "${var.name}-host-${local.region}"
  description        = "The host of photoseek: its bucket, its key, Session Manager"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_instance_profile" "host" {
  name = aws_iam_role.host.name
  role = aws_iam_role.host.name
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [data.aws_s3_bucket.photos.arn]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = [for prefix in ["deploy", "index", "photos", "uploads"] : "${data.aws_s3_bucket.photos.arn}/${prefix}/*"]
  }

  # Not below deploy: what the program can write must not be what the host builds next.
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = [for prefix in ["index", "photos", "uploads"] : "${data.aws_s3_bucket.photos.arn}/${prefix}/*"]
  }

  # Photos that were put into the bucket are never removed by the program.
  statement {
    sid       = "Delete"
    actions   = ["s3:DeleteObject"]
    resources = [for prefix in ["index", "uploads"] : "${data.aws_s3_bucket.photos.arn}/${prefix}/*"]
  }
}

data "aws_iam_policy_document" "key" {
  statement {
    sid     = "Key"
    actions = ["ssm:GetParameter"]
    resources = concat(
      [aws_ssm_parameter.api_key.arn],
      local.engine_key_parameter == null ? [] : ["arn:aws:ssm:${local.region}:${data.aws_caller_identity.current.account_id}:parameter${local.engine_key_parameter}"],
    )
  }
}

# What AmazonSSMManagedInstanceCore has for Session Manager and Run Command, without its right to read
# every parameter of the account.
data "aws_iam_policy_document" "session" {
  #checkov:skip=CKV_AWS_111:These actions of the SSM agent know no resources
  #checkov:skip=CKV_AWS_356:These actions of the SSM agent know no resources
  statement {
    sid = "Session"
    actions = [
      "ec2messages:AcknowledgeMessage",
      "ec2messages:DeleteMessage",
      "ec2messages:FailMessage",
      "ec2messages:GetEndpoint",
      "ec2messages:GetMessages",
      "ec2messages:SendReply",
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "logs" {
  count = var.log_days > 0 ? 1 : 0

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.containers[0].arn}:*"]
  }
}

resource "aws_iam_role_policy" "host" {
  for_each = merge(
    {
      bucket  = data.aws_iam_policy_document.bucket.json
      key     = data.aws_iam_policy_document.key.json
      session = data.aws_iam_policy_document.session.json
    },
    { for document in data.aws_iam_policy_document.logs : "logs" => document.json },
    { for name, document in data.aws_iam_policy_document.queue : name => document.json },
  )

  name   = each.key
  role   = aws_iam_role.host.id
  policy = each.value
}
