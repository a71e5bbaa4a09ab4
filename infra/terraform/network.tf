# The default VPC has public subnets with a way to the internet, which is all that one host needs, and
# every account has one unless somebody removed it. `subnet_id` names another.

data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [var.instance_type]
  }
}

data "aws_subnets" "default" {
  count = var.subnet_id == null ? 1 : 0

  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  filter {
    name   = "availability-zone"
    values = data.aws_ec2_instance_type_offerings.zones.locations
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) > 0
      error_message = "No default subnet in ${local.region} offers ${var.instance_type}. Choose another instance_type, or name a public subnet as subnet_id."
    }
  }
}

data "aws_subnet" "host" {
  id = var.subnet_id != null ? var.subnet_id : sort(data.aws_subnets.default[0].ids)[0]
}

locals {
  # Let's Encrypt checks a name from addresses that it does not tell; port 80 then only leads to HTTPS.
  http_cidrs = var.host_name == null ? var.allowed_cidrs : ["0.0.0.0/0", "::/0"]
  openings = merge(
    { for cidr in local.http_cidrs : "80 ${cidr}" => { port = 80, cidr = cidr } },
    { for cidr in var.allowed_cidrs : "443 ${cidr}" => { port = 443, cidr = cidr } if var.host_name != null },
    { for cidr in var.allowed_cidrs : "22 ${cidr}" => { port = 22, cidr = cidr } if var.key_pair != null },
  )
}

resource "aws_security_group" "host" {
  name_prefix = "${var.name}-host-"
  description = "photoseek: HTTP and HTTPS in, packages and S3 out"
  vpc_id      = data.aws_subnet.host.vpc_id

  tags = { Name = "${var.name}-host" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "host" {
  #checkov:skip=CKV_AWS_24:Port 22 is open to allowed_cidrs, and only where a key pair is named
  #checkov:skip=CKV_AWS_25:Only ports 22, 80 and 443 are ever opened
  #checkov:skip=CKV_AWS_260:Port 80 is open to all only for the certificate of host_name; it then only leads to HTTPS
  for_each = local.openings

  security_group_id = aws_security_group.host.id
  description       = "Port ${each.value.port} from ${each.value.cidr}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = strcontains(each.value.cidr, ":") ? null : each.value.cidr
  cidr_ipv6         = strcontains(each.value.cidr, ":") ? each.value.cidr : null
}

resource "aws_vpc_security_group_egress_rule" "host" {
  for_each = merge({ http = 80, https = 443 }, contains([80, 443], local.engine_port) ? {} : { "the engine's port" = local.engine_port })

  security_group_id = aws_security_group.host.id
  description       = "Packages, images, weights, certificates and AWS by ${each.key}"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

# An address that stays when the host is stopped or replaced.
resource "aws_eip" "host" {
  domain = "vpc"

  tags = { Name = "${var.name}-host" }
}

resource "aws_eip_association" "host" {
  allocation_id = aws_eip.host.id
  instance_id   = aws_instance.host.id
}
