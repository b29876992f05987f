"""Servers of a mart, for DuckDB clients and for language models; every question passes the gates of read."""
