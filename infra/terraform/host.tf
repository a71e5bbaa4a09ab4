# The host keeps nothing: photos and index are in S3, the key in Parameter Store. It can be replaced at
# any time, and is when its user data change.

data "aws_ec2_instance_type" "host" {
  instance_type = var.instance_type

  lifecycle {
    postcondition {
      condition     = self.memory_size >= 7680
      error_message = "${var.instance_type} has ${self.memory_size} MiB of memory; the model, the index and the gateway need 8 GiB together. Choose such as t4g.large or m7i-flex.large."
    }

    postcondition {
      condition     = try(length(self.gpus), 0) == 0 || contains(self.supported_architectures, "x86_64")
      error_message = "${var.instance_type} has a GPU beside an arm64 processor, for which there is no PyTorch here. Choose such as g6.xlarge."
    }
  }
}

locals {
  architecture = contains(data.aws_ec2_instance_type.host.supported_architectures, "arm64") ? "arm64" : "x86_64"
  gpu          = anytrue([for gpu in coalesce(data.aws_ec2_instance_type.host.gpus, []) : gpu.manufacturer == "NVIDIA"])
  memory       = data.aws_ec2_instance_type.host.memory_size
}

data "aws_ssm_parameter" "ami" {
  name = local.gpu ? "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id" : "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.architecture}"
}

locals {
  bucket_uri = "s3://${data.aws_s3_bucket.photos.id}"

  # The memory is shared out: no part can take it from another, or from the system.
  settings = merge(
    {
      AWS_DEFAULT_REGION      = local.region # boto3 reads only this one
      AWS_REGION              = local.region
      COMPOSE_FILE            = local.gpu ? "compose.yaml:/etc/photoseek/gpu.yaml" : "compose.yaml"
      COMPOSE_PROFILES        = var.queue ? "https,work" : "https,watch"
      ENCODER_MEMORY          = "${floor(local.memory * 0.4)}m"
      GATEWAY_MEMORY          = "${floor(local.memory * 0.15)}m"
      INDEXER_MEMORY          = "${floor(local.memory * 0.25)}m"
      JOB_MEMORY              = "${floor(local.memory * 0.1)}m"
      PHOTOSEEK_ALLOWED_HOSTS = jsonencode(compact([aws_eip.host.public_dns, var.host_name]))
      PHOTOSEEK_API_KEY_FOR   = var.search_needs_key ? "all" : "write"
      PHOTOSEEK_INDEX         = "${local.bucket_uri}/index"
      PHOTOSEEK_PHOTO_ROOTS   = jsonencode(["${local.bucket_uri}/photos"])
      PHOTOSEEK_SOURCE        = "${local.bucket_uri}/photos"
      PHOTOSEEK_UPLOADS       = "${local.bucket_uri}/uploads"
      SITE_ADDRESS            = var.host_name == null ? ":80" : var.host_name
      QUEUE                   = join("", [for queue in aws_sqs_queue.events : queue.url])
      WATCH_SECONDS           = tostring(var.watch_seconds)
      TORCH                   = local.gpu ? "pypi" : "cpu" # what requirements.txt names is built for CUDA
    },
    local.engine_settings,
    var.settings,
  )

  # Docker's own `local` driver rotates its files.
  docker = merge(
    { log-driver = "local" },
    [for group in aws_cloudwatch_log_group.containers : {
      log-driver = "awslogs"
      # A log that cannot be sent is dropped in the end; it must not hold up what writes it.
      log-opts = { awslogs-region = local.region, awslogs-group = group.name, tag = "{{.Name}}-{{.ID}}", mode = "non-blocking", max-buffer-size = "8m" }
    }]...
  )

  user_data = templatefile("${path.module}/host/user_data.yaml.tftpl", {
    settings = join("", [for setting, value in local.settings : "${setting}='${value}'\n"])
    place = join("", [for name, value in {
      # The name of what the other parameter holds, in photoseek's own words.
      ENGINE_KEY           = try(var.engine.user, null) == null ? "PHOTOSEEK_ENGINE_API_KEY" : "PHOTOSEEK_ENGINE_PASSWORD"
      ENGINE_KEY_PARAMETER = local.engine_key_parameter == null ? "" : local.engine_key_parameter
      IMAGE                = var.image == null ? "" : var.image
      KEY_PARAMETER        = aws_ssm_parameter.api_key.name
      REGION               = local.region
      SOURCE               = "${local.bucket_uri}/deploy/source"
    } : "${name}='${value}'\n"])
    docker  = jsonencode(merge(local.docker, local.gpu ? { runtimes = { nvidia = { path = "nvidia-container-runtime", args = [] } } } : {}))
    gpu     = local.gpu ? file("${path.module}/host/gpu.yaml") : ""
    install = file("${path.module}/host/install.sh")
    deploy  = file("${path.module}/host/deploy.sh")
    unit    = file("${path.module}/host/photoseek.service")
  })
}

resource "aws_instance" "host" {
  #checkov:skip=CKV_AWS_88:The address is what people open; the security group says who may
  #checkov:skip=CKV_AWS_126:Figures for every minute cost two dollars a month; /metrics has better ones
  ami                    = data.aws_ssm_parameter.ami.insecure_value
  instance_type          = var.instance_type
  subnet_id              = data.aws_subnet.host.id
  vpc_security_group_ids = [aws_security_group.host.id]
  iam_instance_profile   = aws_iam_instance_profile.host.name
  key_name               = var.key_pair
  ebs_optimized          = true

  user_data                   = local.user_data
  user_data_replace_on_change = true

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2 # one more than the host's own, for containers
    http_endpoint               = "enabled"
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = coalesce(var.volume_gigabytes, local.gpu ? 125 : 30)
    encrypted   = true
  }

  tags        = { Name = var.name }
  volume_tags = merge({ Project = var.name, Name = var.name }, var.tags)

  lifecycle {
    # A newer Amazon Linux comes with -replace=aws_instance.host, not by surprise.
    ignore_changes = [ami]
  }

  # What it reads in its first minute.
  depends_on = [aws_iam_role_policy.host, aws_s3_object.manifest, aws_vpc_security_group_egress_rule.host]
}
