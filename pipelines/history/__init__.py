"""Why a number is what it is: versions compared, rows traced, marts made again as of a time; no row changes."""
