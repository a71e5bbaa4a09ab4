# What lies around the host: the bucket, which has a state of its own, the program, the key, the logs.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.name
}

data "aws_s3_bucket" "photos" { # not found? make it first: terraform -chdir=bucket init, then apply
  bucket = "${var.name}-${data.aws_caller_identity.current.account_id}-${local.region}"
}

# The program, as far as its image needs it. No archive, so that an upgrade sends what has changed.
locals {
  project = "${path.module}/../.."

  run_files   = ["compose.yaml", "infra/caddy/**"]
  build_files = ["Dockerfile", ".dockerignore", "LICENSE", "requirements.txt", "app.py", "infra/docker/**", "{executors,flows,photoseek}/**", "web/*.*", "web/.npmrc", "web/{public,src}/**"]

  source_files = toset(flatten([
    for pattern in concat(local.run_files, var.image == null ? local.build_files : []) : [
      for file in fileset(local.project, pattern) : file
      if !can(regex("(^|/)(__pycache__|\\.DS_Store)(/|$)", file))
    ]
  ]))
}

resource "aws_s3_object" "source" {
  for_each = local.source_files

  bucket      = data.aws_s3_bucket.photos.id
  key         = "deploy/source/${each.key}"
  source      = "${local.project}/${each.key}"
  source_hash = filemd5("${local.project}/${each.key}")
}

# What was sent, with its hashes, and sent last: the host builds this and nothing half sent.
resource "aws_s3_object" "manifest" {
  bucket  = data.aws_s3_bucket.photos.id
  key     = "deploy/source.sha256"
  content = join("", [for file in sort(local.source_files) : "${filesha256("${local.project}/${file}")}  ${file}\n"])

  depends_on = [aws_s3_object.source]
}

# Made by AWS, sent once, read by the host: neither the state nor a plan ever holds it.
ephemeral "aws_secretsmanager_random_password" "api_key" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_ssm_parameter" "api_key" {
  #checkov:skip=CKV_AWS_337:The account's own key for Parameter Store encrypts it at no price; the host needs no further right
  name             = "/${var.name}/api-key"
  description      = "The key that photoseek asks for"
  type             = "SecureString"
  value_wo         = ephemeral.aws_secretsmanager_random_password.api_key.random_password
  value_wo_version = var.api_key_version
}

resource "aws_cloudwatch_log_group" "containers" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own keys; another costs a dollar a month and more rights
  #checkov:skip=CKV_AWS_338:How long is for the user to say, in log_days
  count = var.log_days > 0 ? 1 : 0

  name              = "/${var.name}/containers"
  retention_in_days = var.log_days
}
