"""How the pixels of a TIFF are written down: as which numbers, side by side or in planes."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import TiffImagePlugin as Tiff
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from photoseek.photos.bad_bytes import BadBytesError

_COLOURS = {0: 1, 1: 1, 2: 3, 5: 4, 8: 3}
"""Channels of white-is-zero, black-is-zero, RGB, CMYK and LAB."""

_MODES = {(1, False): "L", (1, True): "LA", (3, False): "RGB", (3, True): "RGBA"}

_AS_THEY_ARE = (1, 5, 8, 32773, 32946, 34925, 50000)
"""Compressions that pack bytes, whatever they mean."""

UNSIGNED, SIGNED, FLOAT = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Samples:
    """How the pixels of a TIFF are written down."""

    width: int
    height: int
    channels: int
    bits: int
    form: int
    photometric: int
    alpha: int  # which channel, or -1
    planes: int
    predictor: int
    compression: int
    order: str
    tile: tuple[int, int] | None

    @property
    def in_plane(self) -> int:
        """Channels that stand side by side."""
        return 1 if self.planes > 1 else self.channels

    def row(self, width: int) -> int:
        """Bytes of this number of pixels of one row."""
        return -(-width * self.bits * self.in_plane // 8)

    @property
    def across(self) -> int:
        """Pixels of a row with what tiles hang over."""
        return self.width if self.tile is None else -(-self.width // self.tile[0]) * self.tile[0]

    @property
    def row_bytes(self) -> int:
        """Bytes of a whole row, with what tiles hang over."""
        if self.tile is None:
            return self.row(self.width)
        return self.row(self.tile[0]) * (self.across // self.tile[0])

    @property
    def memory(self) -> int:
        """Bytes of all samples."""
        return self.row_bytes * self.height * self.planes

    @property
    def top(self) -> int:
        """The largest whole number that fits into a sample."""
        return (1 << (self.bits - (self.form == SIGNED))) - 1

    @property
    def colours(self) -> int:
        """Channels that are no extra ones."""
        return _COLOURS[self.photometric]

    @property
    def mode(self) -> str:
        """What Pillow calls the picture that is made of them."""
        if self.photometric == 5:
            return "CMYK"
        if self.photometric == 8:
            return "LAB"
        if self.colours == 1 and self.alpha < 0:
            return "I;16" if self.form == UNSIGNED and self.bits <= 16 else "F"
        return _MODES[self.colours, self.alpha >= 0]


def samples_of(tags: ImageFileDirectory_v2) -> Samples:
    """How the pixels are written down, from the tags.

    Raises:
        BadBytesError: in a way that nobody here reads.
    """
    rare = BadBytesError(_in_words(tags))
    channels = int(tags.get(Tiff.SAMPLESPERPIXEL, 1))
    bits = {int(each) for each in tags.get(Tiff.BITSPERSAMPLE, (1,))[:channels]}
    forms = {int(each) for each in tags.get(Tiff.SAMPLEFORMAT, (1,))[:channels]}
    photometric = int(tags.get(Tiff.PHOTOMETRIC_INTERPRETATION, 0))
    compression = int(tags.get(Tiff.COMPRESSION, 1))
    if (
        len(bits) != 1
        or len(forms) != 1
        or photometric not in _COLOURS
        or not _COLOURS[photometric] <= channels <= 16
        or compression not in _AS_THEY_ARE
    ):
        raise rare
    [depth], [form] = bits, forms
    whole = depth in {FLOAT: (16, 32, 64), SIGNED: (8, 16, 32, 64)}.get(form, (8, 16, 32, 64))
    packed = form == UNSIGNED and 8 < depth < 16
    if (
        form not in (UNSIGNED, SIGNED, FLOAT)
        or not (whole or packed)
        or (photometric == 8 and depth != 16)
    ):
        raise rare
    if photometric == 5 and form != UNSIGNED:
        raise rare
    extras = [int(each) for each in tags.get(Tiff.EXTRASAMPLES, ())]
    alphas = [at for at, kind in enumerate(extras, _COLOURS[photometric]) if kind in (1, 2)]
    tile = None
    if Tiff.TILEOFFSETS in tags:
        tile = int(tags[Tiff.TILEWIDTH]), int(tags[Tiff.TILELENGTH])
        if min(tile) < 1:
            raise rare
    return Samples(
        width=int(tags[Tiff.IMAGEWIDTH]),
        height=int(tags[Tiff.IMAGELENGTH]),
        channels=channels,
        bits=depth,
        form=form,
        photometric=photometric,
        alpha=next((at for at in alphas if at < channels), -1),
        planes=channels if int(tags.get(Tiff.PLANAR_CONFIGURATION, 1)) == 2 else 1,
        predictor=int(tags.get(Tiff.PREDICTOR, 1)) if compression != 1 else 1,
        compression=compression,
        order="<" if tags.prefix == Tiff.II else ">",
        tile=tile,
    )


def _in_words(tags: ImageFileDirectory_v2) -> str:
    """The pixels of a TIFF, as a person who looks for its kind needs to know them."""
    told = (
        ("bits", Tiff.BITSPERSAMPLE),
        ("format", Tiff.SAMPLEFORMAT),
        ("photometric", Tiff.PHOTOMETRIC_INTERPRETATION),
        ("compression", Tiff.COMPRESSION),
    )
    return "pixels of " + ", ".join(f"{name} {tags.get(tag, 1)}" for name, tag in told)


def comes_out_wrong(tags: ImageFileDirectory_v2) -> bool:
    """Whether Pillow reads a TIFF, and shows something else than what is in it."""
    bits, form = (tuple(tags.get(tag, (1,))) for tag in (Tiff.BITSPERSAMPLE, Tiff.SAMPLEFORMAT))
    photometric = tags.get(Tiff.PHOTOMETRIC_INTERPRETATION, 0)
    if photometric == 1 and (bits, form) in (((32,), (1,)), ((8,), (2,))):
        return True  # from the middle on, numbers are taken for negative, or not
    return photometric == 0 and bits in ((16,), (32,))  # not turned into black-is-zero
