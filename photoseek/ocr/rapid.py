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
from typing_extensions import override

from photoseek.helpers.extras import check_extra
from photoseek.ocr.text_reader import TextReader
from photoseek.records import Pixels, TextLine

SIDE = 960
"""The longest side of a picture when it is read: `python -m bench.ocr` compares others."""

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
        found = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]))  # blue first
        if found.boxes is None or found.txts is None:
            return
        height, width = pixels.shape[:2]
        for box, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
            corners = tuple((float(x) / width, float(y) / height) for x, y in box)
            yield TextLine(text, float(confidence), corners)


def _engine(threads: int, side: int) -> Any:
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
        "Global.max_side_len": side,
        "Det.limit_type": "max",
        "Det.limit_side_len": side,
    }
    return RapidOCR(params=own | paths | one_thread)
