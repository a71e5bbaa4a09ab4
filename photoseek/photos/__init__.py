"""Bytes to what the model and the store need in one decode: pixels, size, thumbnail, traits."""

from photoseek.photos.decoding import DecodedPhoto, InputShape, decode, decode_whole
from photoseek.photos.formats import ImageLimits, Room, check_start
from photoseek.photos.memory_budget import SharedMemory
from photoseek.photos.palette import COLOUR_NAMES, colour_name
from photoseek.photos.recognition import content_type, file_name, recognise
from photoseek.photos.signatures import START
from photoseek.photos.telling import tell

__all__ = [
    "COLOUR_NAMES",
    "START",
    "DecodedPhoto",
    "ImageLimits",
    "InputShape",
    "Room",
    "SharedMemory",
    "check_start",
    "colour_name",
    "content_type",
    "decode",
    "decode_whole",
    "file_name",
    "recognise",
    "tell",
]
