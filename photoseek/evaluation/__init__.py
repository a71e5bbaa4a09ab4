"""How well a model finds photos, by captions or by what people have judged, and which of two is
better.
"""
