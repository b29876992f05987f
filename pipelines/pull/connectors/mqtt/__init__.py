"""``mqtt``: the messages that a broker holds for a persistent session, acknowledged after they are committed."""
