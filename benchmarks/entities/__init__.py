"""How well records of one site are linked: real lists of childcare sites, whose true ids the method never reads."""
