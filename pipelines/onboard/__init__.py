"""What kind of source an address looks like, and a first contract for it."""
