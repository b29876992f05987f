"""Records of several datasets that are one enterprise, place or facility: their links, and who decided them."""
