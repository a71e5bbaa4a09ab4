locals {
  url     = var.host_name == null ? "http://${aws_eip.host.public_dns}" : "https://${var.host_name}"
  in_host = "--region ${local.region} --target ${aws_instance.host.id}"
  on_host = "aws ssm send-command --region ${local.region} --instance-ids ${aws_instance.host.id} --document-name AWS-RunShellScript --query Command.CommandId --output text"
  get_key = "aws ssm get-parameter --region ${local.region} --name ${aws_ssm_parameter.api_key.name} --with-decryption --query Parameter.Value --output text"
}

output "bucket" {
  description = "The bucket with photos, index and uploads."
  value       = data.aws_s3_bucket.photos.id
}

output "photos" {
  description = "Where photos belong."
  value       = "${local.bucket_uri}/photos"
}

output "public_dns" {
  description = "The host's name in AWS, which stays."
  value       = aws_eip.host.public_dns
}

output "public_ip" {
  description = "The host's address, which stays; host_name must point to it."
  value       = aws_eip.host.public_ip
}

output "url" {
  description = "The page."
  value       = local.url
}

output "sync_command" {
  description = "Puts the photos of the folder that it runs in into the bucket; the host finds them within watch_seconds."
  value       = "aws s3 sync . ${local.bucket_uri}/photos --region ${local.region} --exclude '.*' --exclude '*/.*'"
}

output "search_command" {
  description = "Searches; after an apply it waits until the host answers."
  value       = "curl -sSfG '${local.url}/api/search' --connect-timeout 10 --retry 90 --retry-delay 10 --retry-connrefused -H \"X-API-Key: $(${local.get_key})\" --data-urlencode \"q=$${QUERY:-red car at night}\""
}

output "index_command" {
  description = "Indexes at once, without waiting for watch_seconds to pass; gives the id of the run."
  value       = "${local.on_host} --parameters 'commands=[\"cd /opt/photoseek/current && docker compose run --rm --no-TTY index\"],executionTimeout=[\"172800\"]'"
}

output "api_key_command" {
  description = "Shows the key."
  value       = local.get_key
}

output "session_command" {
  description = "Opens a shell on the host; needs the Session Manager plugin."
  value       = "aws ssm start-session ${local.in_host}"
}

output "tunnel_command" {
  description = "Leads http://localhost:8080 to the host, encrypted and without an open port; needs the Session Manager plugin."
  value       = "aws ssm start-session ${local.in_host} --document-name AWS-StartPortForwardingSession --parameters portNumber=8080,localPortNumber=8080"
}

output "upgrade_command" {
  description = "After an apply that sent a new program or made a new key: builds it and puts it to use, or goes back to what ran; gives the id of the run."
  value       = "${local.on_host} --parameters 'commands=[\"/usr/local/lib/photoseek/deploy.sh upgrade && systemctl start photoseek\"],executionTimeout=[\"3600\"]'"
}

output "rollback_command" {
  description = "Puts the program from before the last upgrade to use again, which the host still has, in seconds; gives the id of the run."
  value       = "${local.on_host} --parameters 'commands=[\"/usr/local/lib/photoseek/deploy.sh rollback && systemctl start photoseek\"],executionTimeout=[\"3600\"]'"
}
