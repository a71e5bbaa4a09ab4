"""What makes the model of the demo. Nothing of it is needed to search."""
