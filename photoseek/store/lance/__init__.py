"""The store on LanceDB, in a folder or in S3."""
