"""Reading rows out of databases, and marking them as taken."""
