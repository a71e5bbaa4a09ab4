"""OpenCLIP models: pixels or text in, unit vectors out. The only package that imports torch."""

import photoseek.compat.openclip  # noqa: F401 -- before others import torch as a whole
from photoseek.model.clip import ClipModel
from photoseek.model.loading import load_model
from photoseek.model.towers import TOWERS, Tower

__all__ = ["TOWERS", "ClipModel", "Tower", "load_model"]
