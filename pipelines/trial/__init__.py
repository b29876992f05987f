"""A trial: changed declarations over the raw data of a lake, against today's. It writes neither lake nor workspace."""
