"""The store on Elasticsearch and OpenSearch."""
