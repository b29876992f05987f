"""``files``: files by path, glob or fsspec URL, and members of zips."""
