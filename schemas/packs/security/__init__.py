"""Vocabulary of devices, alarms and entries at gates; never images."""
