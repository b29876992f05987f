"""Performance of the core job and related jobs against bare engines, as ratios."""
