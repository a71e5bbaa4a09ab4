"""Bytes to what the model and the store need in one decode: pixels, size, thumbnail, traits."""

from photoseek.images.decoding import DecodedPhoto, InputShape, decode, recognise
from photoseek.images.formats import ImageLimits, Room, check_start
from photoseek.images.memory import SharedMemory
from photoseek.images.naming import file_name
from photoseek.images.palette import COLOUR_NAMES, colour_name

__all__ = [
    "COLOUR_NAMES",
    "DecodedPhoto",
    "ImageLimits",
    "InputShape",
    "Room",
    "SharedMemory",
    "check_start",
    "colour_name",
    "decode",
    "file_name",
    "recognise",
]
