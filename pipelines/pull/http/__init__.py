"""The HTTP client of the connectors: rate limits, retries, size limits and checks of responses."""
