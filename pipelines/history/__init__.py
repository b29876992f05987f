"""Why a number is what it is: versions compared, rows traced to their sources, a mart made again as of a time; it changes no row."""
