"""The text tower of a plain OpenCLIP model, without torch: for a query or two in a short process.

To import torch takes longer than all the rest of such a query, and a text of a few tokens is soon
multiplied by NumPy. What is not plain in a model is left to `photoseek.model`.
"""

from photoseek.text_tower.fingerprint import fingerprint
from photoseek.text_tower.plain_tower import PlainTextTower, plain_text_tower

__all__ = ["PlainTextTower", "fingerprint", "plain_text_tower"]
