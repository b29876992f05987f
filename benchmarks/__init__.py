"""How fast it is: the core job and its neighbours against bare engines, as ratios."""
