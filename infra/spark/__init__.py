"""Spark Connect servers on one machine: for tests, benchmarks and a first look."""
