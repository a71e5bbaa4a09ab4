# The bucket has a state of its own, so that `terraform destroy` of the host leaves the photos alone
# and the next host finds them again by the bucket's name.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  bucket = "${var.name}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.name}"
}

resource "aws_s3_bucket" "photos" {
  #checkov:skip=CKV_AWS_18:A log of each access costs more than it tells; CloudTrail can be switched on for the bucket
  #checkov:skip=CKV_AWS_144:A copy in another region doubles the price; versions protect against mistakes, docs/deploy.md says how to copy
  #checkov:skip=CKV_AWS_145:S3's own keys encrypt without a price for each request, and without a right to a key for whoever reads
  #checkov:skip=CKV2_AWS_62:Nothing waits for events; the host lists the bucket
  bucket = local.bucket

  lifecycle {
    # Removing photos takes a second word: see delete.tf.example.
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "photos" {
  bucket = aws_s3_bucket.photos.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "photos" {
  bucket = aws_s3_bucket.photos.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "photos" {
  bucket = aws_s3_bucket.photos.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "photos" {
  bucket                  = aws_s3_bucket.photos.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "photos" {
  # Versions must be kept before old ones can be removed.
  depends_on = [aws_s3_bucket_versioning.photos]
  bucket     = aws_s3_bucket.photos.id

  rule {
    id     = "remove-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.old_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "remove-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.photos.arn, "${aws_s3_bucket.photos.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "photos" {
  depends_on = [aws_s3_bucket_public_access_block.photos]
  bucket     = aws_s3_bucket.photos.id
  policy     = data.aws_iam_policy_document.tls_only.json
}
