"""Plain OpenCLIP models without torch: for a query, or a few photos, in a short process.

To import torch takes longer than all the rest of such a process, and a few texts and pictures are
soon multiplied by NumPy. What is not plain in a model is left to `photoseek.model`.
"""

from photoseek.plain_towers.fingerprint import fingerprint
from photoseek.plain_towers.plain_model import PlainModel, plain_model

__all__ = ["PlainModel", "fingerprint", "plain_model"]
