"""What people decided about rows, applied when the rows are read: corrections before the bindings, then releases."""
