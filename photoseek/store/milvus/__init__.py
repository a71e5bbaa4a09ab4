"""The store on a Milvus server, at milvus://HOST:PORT/COLLECTION or milvus+https://."""
