variable "name" {
  description = "What the bucket's name begins with; account and region follow. Give the host the same one."
  type        = string
  default     = "photoseek"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name)) && !endswith(var.name, "-")
    error_message = "name must have 2 to 20 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, such as photoseek or press-photos."
  }
}

variable "old_version_days" {
  description = "For how many days S3 keeps what was overwritten or deleted, so that it can be restored."
  type        = number
  default     = 30

  validation {
    condition     = var.old_version_days >= 1 && var.old_version_days <= 3650 && floor(var.old_version_days) == var.old_version_days
    error_message = "old_version_days must be a whole number of days from 1 to 3650."
  }
}

variable "tags" {
  description = "Tags for everything that is made here, beside Project."
  type        = map(string)
  default     = {}
}
