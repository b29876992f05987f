"""Source rows through bindings and rules, to staged files; it sees blocks of text, never source bytes."""
