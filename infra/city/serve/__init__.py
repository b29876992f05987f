"""The departments' services on the loopback: one web application, one service per protocol, and faults on request."""
