output "bucket" {
  description = "The bucket's name. The host finds it by itself."
  value       = aws_s3_bucket.photos.id
}
