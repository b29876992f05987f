"""What of a pull no longer looks as the contract says, as values that a step can act on and tell."""
