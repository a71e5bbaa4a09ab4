"""Plain models: what their towers do is known here, and their weights are used where they lie.

They run without torch, which takes longer to import than all the rest of a short process. What is
not plain in a model is left to `photoseek.model`.
"""

from photoseek.plain_towers.channels import channels_of
from photoseek.plain_towers.fingerprint import fingerprint
from photoseek.plain_towers.from_hub import fetch_plain
from photoseek.plain_towers.plain_model import PlainModel, plain_model, tokenizer_here

__all__ = [
    "PlainModel",
    "channels_of",
    "fetch_plain",
    "fingerprint",
    "plain_model",
    "tokenizer_here",
]
