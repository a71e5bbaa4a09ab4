"""Side-by-side measurements; their tables stand in docs/benchmarks."""
