"""What the drawings show: subjects, places, skies."""
