"""One module a measured job: ``measure(options)`` gives its tables."""
