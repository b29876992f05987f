"""``http``: one file or document by GET."""
