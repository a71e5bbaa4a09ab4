"""From a source to an index that is up to date with it."""
