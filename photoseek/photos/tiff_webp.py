"""TIFFs whose strips or tiles are WebP, which the libtiff of Pillow's wheels leaves out."""

from __future__ import annotations

import io

from PIL import Image
from PIL import TiffImagePlugin as Tiff
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from PIL.WebPImagePlugin import WebPImageFile

from photoseek.photos.bad_bytes import BadBytesError
from photoseek.photos.headers import webp_canvas

WEBP = 50_001


def webp_picture(data: bytes, tags: ImageFileDirectory_v2) -> Image.Image:
    """The picture of which these are the tags, from its pieces.

    Raises:
        OSError: a piece is broken, or larger than the tags say.
    """
    width, height = int(tags[Tiff.IMAGEWIDTH]), int(tags[Tiff.IMAGELENGTH])
    wide, high = width, min(int(tags.get(Tiff.ROWSPERSTRIP, height)), height)
    tables = (Tiff.STRIPOFFSETS, Tiff.STRIPBYTECOUNTS)
    if Tiff.TILEOFFSETS in tags:
        wide, high = int(tags[Tiff.TILEWIDTH]), int(tags[Tiff.TILELENGTH])
        tables = (Tiff.TILEOFFSETS, Tiff.TILEBYTECOUNTS)
    mode = "RGB" if int(tags.get(Tiff.SAMPLESPERPIXEL, 3)) < 4 else "RGBA"
    whole = Image.new(mode, (width, height))
    across = -(-width // max(1, wide))
    for number, (start, size) in enumerate(zip(tags[tables[0]], tags[tables[1]], strict=True)):
        piece = data[start : start + size]
        canvas = webp_canvas(piece)
        if not (0 < canvas[0] <= wide and 0 < canvas[1] <= high):
            raise BadBytesError("a piece of another size than the others")
        with WebPImageFile(io.BytesIO(piece)) as picture:
            picture.load()
            place = number % across * wide, number // across * high
            whole.paste(picture.convert(mode), place)
    return whole
