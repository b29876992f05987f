"""Messages to people: held batches, late data, and the channels they go through."""
