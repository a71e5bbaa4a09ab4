"""What every room may use: deadlines, work in the background, sets of millions of keys."""
