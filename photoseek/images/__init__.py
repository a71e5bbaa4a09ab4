"""Bytes to what the model and the store need in one decode: pixels, size, thumbnail, traits."""

from photoseek.images.decoding import DecodedPhoto, InputShape, decode, recognise
from photoseek.images.formats import ImageLimits, check_start
from photoseek.images.naming import file_name
from photoseek.images.palette import COLOUR_NAMES, colour_name

__all__ = [
    "COLOUR_NAMES",
    "DecodedPhoto",
    "ImageLimits",
    "InputShape",
    "check_start",
    "colour_name",
    "decode",
    "file_name",
    "recognise",
]
