"""Source → landing: bytes exactly as received, and a receipt for every attempt."""
