"""The departments' services on the loopback: one web application, a service a protocol, and faults on request."""
