"""A mart for programs that ask: a DuckDB server and a server for language models; every question passes the gates of read."""
