"""``datex2``: a snapshot of DATEX II measured data, with its measurement site table."""
