"""From what people ask to the photos that answer it."""
