"""Notifications about held batches and late data, and the channels that deliver them."""
