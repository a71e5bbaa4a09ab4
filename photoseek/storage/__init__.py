"""The bytes of a photo, wherever they lie: files and web addresses."""

from photoseek.storage.reader import PhotoReader

__all__ = ["PhotoReader"]
