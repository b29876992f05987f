"""The ground: where things lie (zones, stores, Delta tables) and the ledger; nothing here knows of a step."""
