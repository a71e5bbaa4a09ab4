"""Models without torch, run by ONNX Runtime on the CPU: plain ones over their weights as they lie
in their file, and others as ONNX files that were exported.
"""

from photoseek.onnx_towers.drawn_model import DrawnModel
from photoseek.onnx_towers.export_folder import ExportFolder, is_export, read_export
from photoseek.onnx_towers.export_places import (
    exports_folder,
    fetch_export,
    find_export,
    place_for,
)
from photoseek.onnx_towers.onnx_model import OnnxModel

__all__ = [
    "DrawnModel",
    "ExportFolder",
    "OnnxModel",
    "exports_folder",
    "fetch_export",
    "find_export",
    "is_export",
    "place_for",
    "read_export",
]
