"""Pillow without its remarks, and without what it reads of a JPEG that nobody here needs."""

from __future__ import annotations

import re
import warnings

from PIL.JpegImagePlugin import JpegImageFile

_OF_PILLOW = re.compile(r"PIL\.")


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
