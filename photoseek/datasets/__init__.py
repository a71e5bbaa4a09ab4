"""Data sets of photos, brought into the form that the rest of photoseek reads."""
