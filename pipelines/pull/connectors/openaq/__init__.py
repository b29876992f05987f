"""OpenAQ v3: pages of one resource, and the time up to which a sensor's series is known."""
