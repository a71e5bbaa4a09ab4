"""Indexing on a Ray cluster: many machines encode one listing."""
