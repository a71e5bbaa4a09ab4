terraform {
  required_version = ">= 1.11.0" # write-only arguments: the key never gets into the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.93.0, < 6.0.0"
    }
  }
}

# Account, region and credentials are those of the AWS command line (AWS_PROFILE, AWS_REGION, ~/.aws).
provider "aws" {
  default_tags {
    tags = merge({ Project = var.name }, var.tags)
  }
}
