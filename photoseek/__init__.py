"""Search your own stock photos by meaning. Plain Python: nothing in here imports Jina."""

__version__ = "0.3.0"
