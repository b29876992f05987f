"""From a field's text to an element's value: expressions, one kind of element a file."""
