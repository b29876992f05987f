"""``openaq``: one resource of OpenAQ v3: a time series of sensors, or a register."""
