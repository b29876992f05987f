"""Times whole processes, one after another, in turns."""
