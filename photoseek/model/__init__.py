"""OpenCLIP models: pixels or text in, unit vectors out. The only package that imports torch."""

from photoseek.model.clip import ClipModel
from photoseek.model.loading import load_model

__all__ = ["ClipModel", "load_model"]
