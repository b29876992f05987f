"""The report site: static pages about the whole lake, each number with the SQL that gave it."""
