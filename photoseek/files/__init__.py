"""Our own named files, in a folder or in S3, and links to them."""
