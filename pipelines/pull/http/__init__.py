"""Asking servers over HTTP: politely, within limits, and without believing everything."""
