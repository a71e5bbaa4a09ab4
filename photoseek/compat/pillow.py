"""Pillow without its remarks, and without what it reads of a JPEG that nobody here needs."""

from __future__ import annotations

import ctypes
import logging
import re
import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path

import PIL
from PIL.JpegImagePlugin import JpegImageFile

_OF_PILLOW = re.compile(r"PIL\.")
_LIBTIFF = ("pillow.libs/libtiff*.so*", "PIL/.dylibs/libtiff*.dylib")


class PlainJpeg(JpegImageFile):
    """A JPEG whose resolution is not looked for in its EXIF: that may be millions of numbers."""

    def _read_dpi_from_exif(self) -> None:
        pass


def quieten_pillow() -> None:
    """Drop what Pillow says by way of warnings: it remarks on odd metadata of sound pictures.

    `warnings.catch_warnings` swaps process-wide state and is unsafe in threads, so one filter
    for the modules of Pillow is put first, and put there again where another has come before.
    """
    if not warnings.filters or warnings.filters[0][3] != _OF_PILLOW:
        warnings.filterwarnings("ignore", module=_OF_PILLOW.pattern)
    _quieten_rest()


@cache
def _quieten_rest() -> None:
    """What Pillow logs of odd files goes with the error that is raised for them as well."""
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    _quieten_libtiff()


def _quieten_libtiff() -> None:
    """Let libtiff print nothing: its lines would cut through progress bars, and name no file.

    Pillow's wheels bring a libtiff of their own, and nobody else uses that. What it prints to is
    set once for the process and kept by nobody, so threads do not meet here.
    """
    for pattern in _LIBTIFF:
        for library in Path(PIL.__file__).parents[1].glob(pattern):
            with suppress(OSError, AttributeError):
                loaded = ctypes.CDLL(str(library))
                for setter in (loaded.TIFFSetErrorHandler, loaded.TIFFSetWarningHandler):
                    setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
                    setter(None)
