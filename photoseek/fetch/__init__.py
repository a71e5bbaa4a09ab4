"""The bytes of any photo by its URI: files, web addresses and S3."""

from photoseek.fetch.reader import PhotoReader, is_remote
from photoseek.fetch.readers import register_reader

__all__ = ["PhotoReader", "is_remote", "register_reader"]
