"""Models without torch: both towers as ONNX files, run by ONNX Runtime on the CPU."""

from photoseek.onnx_towers.export_folder import ExportFolder, is_export, read_export
from photoseek.onnx_towers.export_places import (
    exports_folder,
    fetch_export,
    find_export,
    place_for,
)
from photoseek.onnx_towers.onnx_model import OnnxModel

__all__ = [
    "ExportFolder",
    "OnnxModel",
    "exports_folder",
    "fetch_export",
    "find_export",
    "is_export",
    "place_for",
    "read_export",
]
