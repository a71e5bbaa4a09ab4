# An index that is not in the bucket: in a managed OpenSearch domain, or in an engine that runs elsewhere.
# Neither is made unless it is asked for.

locals {
  engine_address = var.opensearch != null ? "opensearch+https://${aws_opensearch_domain.index[0].endpoint}:443/photos" : try(var.engine.address, null)

  # What the address says, or what the engine listens on.
  engine_port = var.engine == null ? 443 : tonumber(try(
    regex(":([0-9]+)(?:,|/)", var.engine.address)[0],
    startswith(var.engine.address, "milvus") ? 19530 : strcontains(var.engine.address, "https") ? 443 : 9200,
  ))

  engine_settings = local.engine_address == null ? {} : merge(
    {
      PHOTOSEEK_INDEX = local.engine_address
      PHOTOSEEK_BLOBS = "${local.bucket_uri}/index/blobs"
      PHOTOSEEK_STATE = "${local.bucket_uri}/index/state"
      PHOTOSEEK_MODEL = "ViT-B-32:laion2b_s34b_b79k" # the encoder has no key, and cannot ask; another would refuse an index of before
    },
    try(var.engine.user, null) == null ? {} : { PHOTOSEEK_ENGINE_USER = var.engine.user },
    var.opensearch == null ? {} : {
      PHOTOSEEK_ENGINE_SHARDS   = tostring(var.opensearch.instances)
      PHOTOSEEK_ENGINE_REPLICAS = var.opensearch.instances > 1 ? "1" : "0"
    },
  )

  # A parameter that is the user's own, so that neither the state nor a plan ever holds what is in it.
  engine_key_parameter = try(var.engine.key_parameter, null)
}

resource "aws_security_group" "opensearch" {
  count = var.opensearch == null ? 0 : 1

  name_prefix = "${var.name}-opensearch-"
  description = "The index of photoseek: HTTPS from its host"
  vpc_id      = data.aws_subnet.host.vpc_id

  tags = { Name = "${var.name}-opensearch" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "opensearch" {
  count = var.opensearch == null ? 0 : 1

  security_group_id            = aws_security_group.opensearch[0].id
  description                  = "HTTPS from the host"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.host.id
}

locals {
  opensearch_arn = "arn:aws:es:${local.region}:${data.aws_caller_identity.current.account_id}:domain/${var.name}"
}

# The network decides: the domain has no address outside of the VPC, and lets in the host alone. A policy
# that names the host's role would ask for signed requests, which photoseek does not send.
data "aws_iam_policy_document" "opensearch" {
  #checkov:skip=CKV_AWS_283:Whoever the security group lets in; see above
  statement {
    actions   = ["es:ESHttp*"]
    resources = ["${local.opensearch_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_opensearch_domain" "index" {
  #checkov:skip=CKV_AWS_84:Slow logs cost more than they tell; they can be switched on for the domain
  #checkov:skip=CKV_AWS_247:AWS's own key encrypts at no price, and without a right to a key for the host
  #checkov:skip=CKV_AWS_317:There are no users to audit; the security group says who may
  #checkov:skip=CKV_AWS_318:Three dedicated masters cost more than the index of one host; its instances elect one of them
  #checkov:skip=CKV2_AWS_52:A password for the domain would lie in Terraform's state; the security group says who may
  #checkov:skip=CKV2_AWS_59:Three dedicated masters cost more than the index of one host; its instances elect one of them
  count = var.opensearch == null ? 0 : 1

  domain_name     = var.name
  engine_version  = "OpenSearch_2.19"
  access_policies = data.aws_iam_policy_document.opensearch.json

  cluster_config {
    instance_type  = var.opensearch.instance_type
    instance_count = var.opensearch.instances
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.opensearch.gigabytes
  }

  # In the host's own zone: what it sends there costs nothing, and without the host nobody searches.
  vpc_options {
    subnet_ids         = [data.aws_subnet.host.id]
    security_group_ids = [aws_security_group.opensearch[0].id]
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  encrypt_at_rest {
    enabled = true
  }

  node_to_node_encryption {
    enabled = true
  }

  auto_tune_options {
    desired_state = "DISABLED" # it changes the engine's caches at times of its own
  }
}
