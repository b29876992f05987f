"""Source rows through bindings and rules, to staged files. It reads blocks of text, never source bytes or formats."""
