"""The one conductor: which steps run in which order, and what is carried from one to the next."""
