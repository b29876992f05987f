"""What people decide about batches and rows: who they are, what they may do, and the acts that the ledger records."""
