"""The text that stands in pictures: what reads it, and how much of it is kept."""

from photoseek.ocr.text_reader import TextReader, read_text

__all__ = ["TextReader", "read_text"]
