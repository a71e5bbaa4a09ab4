"""The bytes of a photo, wherever they lie: files, web addresses and S3."""

from photoseek.storage.links import Links
from photoseek.storage.reader import PhotoReader, is_remote

__all__ = ["Links", "PhotoReader", "is_remote"]
