"""One module per measured job: ``measure(options)`` returns its tables."""
