"""Other libraries as photoseek uses them: what is left out of them, and what is mended."""
