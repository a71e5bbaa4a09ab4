"""Keywords that a model sees in photos, by the vectors that an index has of them."""
