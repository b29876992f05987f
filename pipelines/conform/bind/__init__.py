"""From a field's text to an element's value, as expressions: one kind of element per file. No I/O."""
