"""A mart for programs that ask: a DuckDB server, and one for language models; questions pass the gates of read."""
