"""One faithful service a protocol, over the same city."""
