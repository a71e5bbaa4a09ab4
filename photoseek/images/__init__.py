"""Bytes to what the model and the store need: pixels, size and thumbnail, in one decode."""

from photoseek.images.decoding import DecodedPhoto, InputShape, decode, recognise
from photoseek.images.formats import ImageLimits
from photoseek.images.naming import file_name

__all__ = ["DecodedPhoto", "ImageLimits", "InputShape", "decode", "file_name", "recognise"]
