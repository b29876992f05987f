"""What people and programs ask of a lake: marts, the ledger, the quarantine, freshness; nothing here writes."""
