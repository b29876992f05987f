"""SHA-256 of the lake's files: computed when a file is committed, and recorded in the log and the ledger."""
