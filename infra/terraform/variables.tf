variable "allowed_cidrs" {
  # No default: the whole world would open the photos to everybody, nobody would give an address that
  # does not answer. So Terraform asks.
  description = "Networks that may reach photoseek, such as [\"203.0.113.7/32\"] for one address (curl https://checkip.amazonaws.com tells yours); [] for none, then only tunnel_command leads to it."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "allowed_cidrs has ${jsonencode([for cidr in var.allowed_cidrs : cidr if !can(cidrhost(cidr, 0))])}, which are no networks. Write such as 203.0.113.7/32 or 198.51.100.0/24."
  }

  validation {
    condition     = var.host_name != null || !anytrue([for cidr in var.allowed_cidrs : endswith(cidr, "/0")])
    error_message = "allowed_cidrs is the whole world, and without host_name there is no HTTPS: the key and the photos would travel unencrypted. Set host_name, or name the networks."
  }
}

variable "host_name" {
  description = "A name of yours for HTTPS, such as photos.example.org; point its A record to public_ip. Its certificate comes from Let's Encrypt, which must reach port 80 from anywhere; that port then only leads to HTTPS. Without it there is HTTP alone."
  type        = string
  default     = null

  validation {
    condition     = var.host_name == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.host_name))
    error_message = "host_name is ${jsonencode(var.host_name)}; it must be a full name in lower case without https://, port or path, such as photos.example.org."
  }
}

variable "name" {
  description = "What everything made here is called. The bucket's folder must have been given the same."
  type        = string
  default     = "photoseek"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name)) && !endswith(var.name, "-")
    error_message = "name must have 2 to 20 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, such as photoseek or press-photos."
  }
}

variable "instance_type" {
  description = "EC2 type with at least 8 GiB of memory; its processor (arm64 or x86-64) and GPU decide which image and which PyTorch it gets."
  type        = string
  default     = "m7i-flex.large"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type is ${jsonencode(var.instance_type)}; it must be such as m7i-flex.large, t4g.large or g6.xlarge."
  }
}

variable "volume_gigabytes" {
  description = "Size of the host's disk, which holds the system, the container image and the model; photos and index are in S3. By default 30, and 125 with a GPU."
  type        = number
  default     = null

  validation {
    condition     = var.volume_gigabytes == null ? true : var.volume_gigabytes >= 20 && var.volume_gigabytes <= 16384 && floor(var.volume_gigabytes) == var.volume_gigabytes
    error_message = "volume_gigabytes must be a whole number from 20 to 16384."
  }
}

variable "subnet_id" {
  description = "A public subnet for the host. By default one of the default VPC that offers the instance type."
  type        = string
  default     = null

  validation {
    condition     = var.subnet_id == null || can(regex("^subnet-[0-9a-f]+$", var.subnet_id))
    error_message = "subnet_id is ${jsonencode(var.subnet_id)}; it must be such as subnet-0123456789abcdef0."
  }
}

variable "key_pair" {
  description = "Name of an EC2 key pair, which opens SSH to allowed_cidrs. By default there is no SSH; session_command opens a shell."
  type        = string
  default     = null

  validation {
    condition     = var.key_pair == null || try(length(var.key_pair) > 0, false)
    error_message = "key_pair must be the name of a key pair in this region, or be left out."
  }
}

variable "image" {
  description = "A container image that can be pulled without a login, such as ghcr.io/example/photoseek:1.0. By default the host builds one from this folder's project."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9][a-z0-9./:_@-]*$", var.image))
    error_message = "image is ${jsonencode(var.image)}; it must be such as ghcr.io/example/photoseek:1.0."
  }
}

variable "search_needs_key" {
  description = "Whether looking at the photos needs the key, too; otherwise whoever is in allowed_cidrs may search and only changes need it."
  type        = bool
  default     = true
}

variable "watch_seconds" {
  description = "How often the host looks for new, changed and vanished photos. A look at 100,000 photos takes 100 requests of S3, and these cost."
  type        = number
  default     = 300

  validation {
    condition     = var.watch_seconds >= 10 && var.watch_seconds <= 86400 && floor(var.watch_seconds) == var.watch_seconds
    error_message = "watch_seconds must be a whole number of seconds from 10 to 86400, which is a day."
  }
}

variable "opensearch" {
  description = "A managed OpenSearch domain that holds the index, instead of the bucket, such as { instances = 2 }; each of its instances is an r7g.large.search with 100 GB by default. It costs by the hour, more than the host."
  type = object({
    instance_type = optional(string, "r7g.large.search")
    instances     = optional(number, 2)
    gigabytes     = optional(number, 100)
  })
  default = null

  validation {
    condition     = var.opensearch == null ? true : can(regex("^[a-z][a-z0-9]*\\.[a-z0-9]+\\.search$", var.opensearch.instance_type))
    error_message = "opensearch.instance_type is ${jsonencode(try(var.opensearch.instance_type, null))}; it must be such as r7g.large.search."
  }

  validation {
    condition     = var.opensearch == null ? true : alltrue([for number in [var.opensearch.instances, var.opensearch.gigabytes] : number >= 1 && floor(number) == number]) && var.opensearch.instances <= 80 && var.opensearch.gigabytes >= 10
    error_message = "opensearch.instances must be a whole number from 1 to 80, and opensearch.gigabytes one from 10 on."
  }

  validation {
    condition     = var.opensearch == null || var.engine == null
    error_message = "opensearch makes an engine for the index, and engine names another one. Leave one of them out."
  }
}

variable "engine" {
  description = "An engine that runs elsewhere and holds the index, instead of the bucket, such as { address = \"milvus+https://photos.example.org:443/photos\", key_parameter = \"/photoseek/engine-key\" }. In Parameter Store, key_parameter holds its API key or token, or the password of user, if that is given."
  type = object({
    address       = string
    key_parameter = optional(string)
    user          = optional(string)
  })
  default = null

  validation {
    condition     = var.engine == null ? true : can(regex("^(elastic\\+https?|opensearch\\+https?|milvus(\\+https)?)://[a-z0-9.,:-]+/[A-Za-z0-9._-]+$", var.engine.address))
    error_message = "engine.address is ${jsonencode(try(var.engine.address, null))}; it must be such as milvus+https://photos.example.org:443/photos, elastic+https://... or opensearch+https://..., without a user or password."
  }

  validation {
    condition     = try(var.engine.key_parameter, null) == null ? true : can(regex("^(/[A-Za-z0-9_.-]+)+$", var.engine.key_parameter))
    error_message = "engine.key_parameter is ${jsonencode(try(var.engine.key_parameter, null))}; it must be a whole name in Parameter Store, such as /photoseek/engine-key."
  }

  validation {
    condition     = try(var.engine.user, null) == null ? true : can(regex("^[^'\\s]+$", var.engine.user)) && try(var.engine.key_parameter, null) != null
    error_message = "engine.user has a blank or an apostrophe, or there is no key_parameter with its password."
  }
}

variable "queue" {
  description = "Whether S3 tells the host of each change by a queue, seconds after it; the host then lists the bucket once a day, and not every watch_seconds. It replaces whatever other notifications the bucket has."
  type        = bool
  default     = false
}

variable "api_key_version" {
  description = "Raise it by one to make a new key; upgrade_command puts it to use."
  type        = number
  default     = 1

  validation {
    condition     = var.api_key_version >= 1 && floor(var.api_key_version) == var.api_key_version
    error_message = "api_key_version must be a whole number from 1 on."
  }
}

variable "settings" {
  description = "Further settings of photoseek, such as { PHOTOSEEK_KEEP = \"original\" }; docs/guide/settings.md has the table."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for setting in keys(var.settings) : can(regex("^PHOTOSEEK_[A-Z_]+$", setting)) && !can(regex("^PHOTOSEEK_(ALLOWED_HOSTS|API_KEY|API_KEY_FOR|ENCODER|ENGINE_API_KEY|ENGINE_PASSWORD|ENGINE_USER|GATEWAY|GRPC_PORT|HOST|HTTP_PORT|IMAGE|INDEX|INDEXER|PARTS_HOST|PARTS_SECRET|PARTS_SECRET_FILE|PHOTO_ROOTS|SOURCE|TRUSTED_PROXIES|UPLOADS)$", setting))])
    error_message = "settings takes names such as PHOTOSEEK_KEEP, and none of those that the other variables or compose.yaml decide: ALLOWED_HOSTS, API_KEY, API_KEY_FOR, ENCODER, ENGINE_API_KEY, ENGINE_PASSWORD, ENGINE_USER, GATEWAY, GRPC_PORT, HOST, HTTP_PORT, IMAGE, INDEX, INDEXER, PARTS_HOST, PARTS_SECRET, PARTS_SECRET_FILE, PHOTO_ROOTS, SOURCE, TRUSTED_PROXIES and UPLOADS."
  }

  validation {
    condition     = alltrue([for value in values(var.settings) : !can(regex("['\\r\\n]", value))])
    error_message = "A value in settings has an apostrophe or a line break, which a file of settings cannot hold."
  }
}

variable "log_days" {
  description = "For how many days CloudWatch keeps the containers' logs; 0 leaves them on the host alone."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "log_days is ${var.log_days}; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 and some more, and 0 is no CloudWatch."
  }
}

variable "tags" {
  description = "Tags for everything that is made here, beside Project."
  type        = map(string)
  default     = {}
}
