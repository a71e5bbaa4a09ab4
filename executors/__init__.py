"""Jina around photoseek: each executor unpacks documents, calls photoseek, packs documents."""
