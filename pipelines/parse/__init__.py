"""Landing → raw: bytes to text columns, nothing guessed, nothing lost."""
