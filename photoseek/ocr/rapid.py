"""The reader on RapidOCR and ONNX Runtime, with the models that come in RapidOCR's wheel.

Nothing is downloaded: the models are named by their paths, and one that is missing is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from typing_extensions import override

from photoseek.compat.onnx_runtime import without_telemetry
from photoseek.helpers.extras import check_extra
from photoseek.ocr.text_reader import TextReader
from photoseek.records import Pixels, TextLine

SIDE = 960
"""The longest side of a picture when it is read: `python -m bench.ocr` compares others."""

ENLARGED = 3
"""How many times its size a small picture is read at, at the most."""

_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
"""What finds lines, tells which way is up in them, and reads them."""


class RapidTextReader(TextReader):
    """Reads Chinese, Japanese and what is written in Latin letters."""

    def __init__(self, *, threads: int = 1, side: int = SIDE) -> None:
        """`threads` of ONNX Runtime work on one picture.

        Raises:
            MissingPackageError: the extra `ocr` is not installed.
        """
        check_extra("ocr")
        self._side = side
        self._engine = _engine(threads, side)
        self._name = f"rapidocr {version('rapidocr')}, PP-OCRv6 small, {side} pixels"

    @property
    @override
    def name(self) -> str:
        return self._name

    @property
    @override
    def side(self) -> int:
        return self._side

    @override
    def lines(self, pixels: Pixels) -> Iterator[TextLine]:
        shown = _enlarged(pixels, self._side)
        found = self._engine(np.ascontiguousarray(shown[:, :, ::-1]))  # blue first
        if found.boxes is None or found.txts is None:
            return
        height, width = shown.shape[:2]
        for box, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
            corners = tuple((float(x) / width, float(y) / height) for x, y in box)
            yield TextLine(text, float(confidence), corners)


def _enlarged(pixels: Pixels, side: int) -> Pixels:
    """A small picture as large as letters in it are found best, no larger than `side`."""
    height, width = pixels.shape[:2]
    scale = min(ENLARGED, side / max(height, width))
    if scale <= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def _engine(threads: int, side: int) -> Any:
    without_telemetry()
    from rapidocr import RapidOCR

    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    models = Path(spec.origin).parent / "models"
    one_thread = {
        f"EngineConfig.onnxruntime.{kind}_op_num_threads": count
        for kind, count in (("intra", threads), ("inter", 1))
    }
    paths = {f"{part}.model_path": str(models / name) for part, name in _MODELS.items()}
    own = {
        "Global.log_level": "error",
        "Global.text_score": 0.0,  # what is too unsure is dropped by who keeps it
        "Global.use_preprocess_img": False,  # they are of the right size, however narrow
        "Det.limit_type": "max",
        "Det.limit_side_len": side,
    }
    return RapidOCR(params=own | paths | one_thread)
