"""What `doctor` looks at: each look is a small function that gives what it found."""
