"""The pictures of README and guide, made again by `make pictures`."""
