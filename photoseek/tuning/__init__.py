"""A model of one's own: trained on own photos and captions, measured before and after."""
