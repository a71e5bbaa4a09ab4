"""The bytes of a photo, wherever they lie: files, web addresses and S3."""

from photoseek.storage.links import Links
from photoseek.storage.naming import Opened, disposition, own_name, picture_type
from photoseek.storage.reader import PhotoReader, is_remote

__all__ = [
    "Links",
    "Opened",
    "PhotoReader",
    "disposition",
    "is_remote",
    "own_name",
    "picture_type",
]
